/**
 * What the panel shows: whether the service is there, its overview, and what is being done to it.
 *
 * The state is replaced, never changed; `stateChanged` tells of each replacement. Requests that
 * come while one is under way are answered by a single one after it.
 */
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import type { LambdaApi } from '../api/client';
import type { IOverview } from '../api/types';
import { Details, reasonOf } from './details';

export type Connection = 'connecting' | 'up' | 'down' | 'unreachable';

export interface IPanelState {
  readonly connection: Connection;
  /** Why there is no overview. */
  readonly detail: string;
  /** Set if and only if the connection is up. */
  readonly overview: IOverview | null;
  readonly pending: 'starting' | 'stopping' | null;
  /** Why the last start or stop did not work. */
  readonly failure: string;
}

const INITIAL: IPanelState = {
  connection: 'connecting',
  detail: '',
  overview: null,
  pending: null,
  failure: ''
};

export class PanelModel implements IDisposable {
  constructor(api: LambdaApi) {
    this._api = api;
    this.details = new Details(api);
    this.details.changed.connect(() => this._stateChanged.emit());
  }

  readonly details: Details;

  get state(): IPanelState {
    return this._state;
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  /** Read the overview. Resolves with what was read; a failure becomes part of the state. */
  async refresh(): Promise<void> {
    if (this._reading !== null) {
      this._readAgain = true;
      return this._reading;
    }
    this._reading = this._readUntilCurrent();
    try {
      await this._reading;
    } finally {
      this._reading = null;
    }
  }

  async start(): Promise<void> {
    await this._perform('starting', () => this._api.start());
  }

  async stop(): Promise<void> {
    await this._perform('stopping', () => this._api.stop());
  }

  private async _readUntilCurrent(): Promise<void> {
    do {
      this._readAgain = false;
      await this._read();
    } while (this._readAgain && !this._isDisposed);
  }

  private async _read(): Promise<void> {
    try {
      const reply = await this._api.overview();
      if (reply.service === 'up') {
        const overview = reply.overview;
        this._update({ connection: 'up', detail: '', overview });
        this.details.follow([...overview.functions, ...overview.runs]);
      } else {
        const detail = reply.detail;
        this._update({ connection: 'down', detail, overview: null });
      }
    } catch (error) {
      const detail = reasonOf(error);
      this._update({ connection: 'unreachable', detail, overview: null });
    }
  }

  private async _perform(
    pending: 'starting' | 'stopping',
    action: () => Promise<void>
  ): Promise<void> {
    this._update({ pending, failure: '' });
    try {
      await action();
    } catch (error) {
      this._update({ failure: reasonOf(error) });
    }
    await this.refresh();
    this._update({ pending: null });
  }

  private _update(change: Partial<IPanelState>): void {
    if (!this._isDisposed) {
      this._state = { ...this._state, ...change };
      this._stateChanged.emit();
    }
  }

  private readonly _api: LambdaApi;
  private _state = INITIAL;
  private _reading: Promise<void> | null = null;
  private _readAgain = false;
  private _isDisposed = false;
  private readonly _stateChanged = new Signal<this, void>(this);
}
