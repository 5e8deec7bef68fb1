/**
 * What has been unfolded in the panel, and what was read for it.
 *
 * A row is unfolded by its key; its content is read once, and again when its version has changed.
 * Content that cannot be read shows why, in place.
 */
import { ISignal, Signal } from '@lumino/signaling';

import type { LambdaApi } from '../api/client';
import type { IAttempt, IFunction, ILogLine, IRun } from '../api/types';

export type Detail =
  | { readonly kind: 'loading' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'invocations'; readonly items: readonly IAttempt[] }
  | { readonly kind: 'logs'; readonly lines: readonly ILogLine[] };

const INVOCATIONS_SHOWN = 10;

const LOADING: Detail = { kind: 'loading' };

export class Details {
  constructor(api: LambdaApi) {
    this._api = api;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  isOpen(key: string): boolean {
    return this._open.has(key);
  }

  /** What an unfolded row shows. */
  content(key: string): Detail {
    return this._contents.get(key)?.detail ?? LOADING;
  }

  /** Unfold a function's or a run's latest invocations, or fold them. */
  toggleInvocations(subject: IFunction | IRun): void {
    const key = subjectKey(subject);
    if (this._toggle(key)) {
      void this._readInvocations(subject);
    }
  }

  /** Unfold or fold the log of one request, at one of the places where it is listed. */
  toggleLogs(place: string, attempt: IAttempt): void {
    if (this._toggle(logsKey(place, attempt))) {
      void this._readLogs(logsKey(place, attempt), attempt);
    }
  }

  /** Read again what is unfolded and has changed since it was read. */
  follow(subjects: readonly (IFunction | IRun)[]): void {
    for (const subject of subjects) {
      const key = subjectKey(subject);
      const known = this._contents.get(key);
      if (this._open.has(key) && known?.version !== versionOf(subject)) {
        void this._readInvocations(subject);
      }
    }
  }

  private _toggle(key: string): boolean {
    const opens = !this._open.delete(key);
    if (opens) {
      this._open.add(key);
    }
    this._changed.emit();
    return opens;
  }

  private async _readInvocations(subject: IFunction | IRun): Promise<void> {
    const query =
      'arn' in subject ? { function: subject.name } : { run: subject.id };
    await this._read(subjectKey(subject), versionOf(subject), async () => ({
      kind: 'invocations',
      items: await this._api.invocations({ ...query, limit: INVOCATIONS_SHOWN })
    }));
  }

  private async _readLogs(key: string, attempt: IAttempt): Promise<void> {
    await this._read(key, attempt.request_id, async () => ({
      kind: 'logs',
      lines: await this._api.logs(attempt.request_id)
    }));
  }

  private async _read(
    key: string,
    version: string,
    read: () => Promise<Detail>
  ): Promise<void> {
    const before = this._contents.get(key)?.detail ?? LOADING;
    this._contents.set(key, { version, detail: before });
    let detail: Detail;
    try {
      detail = await read();
    } catch (error) {
      detail = { kind: 'unreadable', reason: reasonOf(error) };
    }
    if (this._contents.get(key)?.version === version) {
      this._contents.set(key, { version, detail });
      this._changed.emit();
    }
  }

  private readonly _api: LambdaApi;
  private readonly _open = new Set<string>();
  private readonly _contents = new Map<
    string,
    { readonly version: string; readonly detail: Detail }
  >();
  private readonly _changed = new Signal<this, void>(this);
}

export function subjectKey(subject: IFunction | IRun): string {
  return 'arn' in subject ? `function/${subject.name}` : `run/${subject.id}`;
}

export function logsKey(place: string, attempt: IAttempt): string {
  return `logs/${place}/${attempt.request_id}/${attempt.attempt}`;
}

/** The message of a failed request, in words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function versionOf(subject: IFunction | IRun): string {
  return 'arn' in subject
    ? `${subject.usage.requests}/${subject.last?.request_id ?? ''}`
    : `${subject.sequence}`;
}
