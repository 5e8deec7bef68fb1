/**
 * Keeps the panel current: an initial read, then one for each change that the server tells of,
 * with a slow poll as a safety net. Nothing is asked while nobody can see the panel.
 */
import { IDisposable } from '@lumino/disposable';
import { Poll, Throttler } from '@lumino/polling';
import type { Event } from '@jupyterlab/services';
import type { IStream } from '@lumino/signaling';

import { CHANGE_SCHEMA_ID } from '../tokens';

const POLL_MS = 30_000;
const POLL_MAX_MS = 300_000;
/** At most one read in this time, however fast the changes come. */
const THROTTLE_MS = 500;

export interface ILiveUpdatesOptions {
  readonly events: IStream<Event.IManager, Event.Emission>;
  /** Whether somebody can see what would be read. */
  readonly isWatched: () => boolean;
  readonly refresh: () => Promise<void>;
}

export class LiveUpdates implements IDisposable {
  constructor(options: ILiveUpdatesOptions) {
    this._options = options;
    this._throttler = new Throttler(() => options.refresh(), {
      limit: THROTTLE_MS,
      edge: 'trailing'
    });
    this._poll = new Poll({
      name: 'jupyter-lambda:overview',
      factory: () => options.refresh(),
      frequency: { interval: POLL_MS, backoff: true, max: POLL_MAX_MS },
      standby: () => (options.isWatched() ? 'when-hidden' : true)
    });
    options.events.connect(this._onEvent, this);
    document.addEventListener('visibilitychange', this.look);
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  dispose(): void {
    this._options.events.disconnect(this._onEvent, this);
    document.removeEventListener('visibilitychange', this.look);
    this._poll.dispose();
    this._throttler.dispose();
  }

  /** Read now if the panel can be seen: it has just come into view. */
  readonly look = (): void => {
    if (this._options.isWatched() && !document.hidden) {
      void this._throttler.invoke();
    }
  };

  private _onEvent(_: Event.IManager, emission: Event.Emission): void {
    if (emission.schema_id === CHANGE_SCHEMA_ID) {
      this.look();
    }
  }

  private readonly _options: ILiveUpdatesOptions;
  private readonly _poll: Poll;
  private readonly _throttler: Throttler<void>;
}
