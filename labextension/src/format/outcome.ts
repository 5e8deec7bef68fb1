/** What became of an invocation, a function, a run or the pool, in one word and one tone. */
import type { IAttempt, IFunction, IPool, IRun } from '../api/types';
import { formatCount, formatPlural } from './quantity';

/** Which colour a state takes; the words beside it always say the same. */
export type Tone = 'ok' | 'failed' | 'busy' | 'warning' | 'idle';

export interface IVerdict {
  readonly tone: Tone;
  readonly label: string;
}

const OUTCOME_LABELS: Readonly<Record<string, string>> = {
  error: 'Error',
  timeout: 'Timed out',
  crash: 'Crashed',
  lost: 'Worker lost',
  cancelled: 'Cancelled'
};

/** A failure is named by its own type where the type says more than the outcome. */
export function attemptVerdict(attempt: IAttempt): IVerdict {
  if (attempt.outcome === 'ok') {
    return { tone: 'ok', label: 'OK' };
  }
  const label = OUTCOME_LABELS[attempt.outcome] ?? attempt.outcome;
  const named = attempt.outcome === 'error' && attempt.error_type !== null;
  return {
    tone: attempt.outcome === 'lost' ? 'warning' : 'failed',
    label: named ? shortType(attempt.error_type ?? label) : label
  };
}

export function functionVerdict(fn: IFunction): IVerdict {
  if (fn.running > 0) {
    return { tone: 'busy', label: `${formatCount(fn.running)} running` };
  }
  if (fn.last === null) {
    return { tone: 'idle', label: 'Not invoked yet' };
  }
  const last = attemptVerdict(fn.last);
  return { tone: last.tone, label: `Last result: ${last.label}` };
}

export function failedItems(run: IRun): number {
  return Object.values(run.failures).reduce((sum, count) => sum + count, 0);
}

/** A run with a failed item never looks complete. */
export function runVerdict(run: IRun): IVerdict {
  const failed = failedItems(run);
  if (run.state === 'open' || run.state === 'running') {
    return failed > 0
      ? { tone: 'warning', label: `Running, ${formatCount(failed)} failed` }
      : { tone: 'busy', label: 'Running' };
  }
  if (failed > 0) {
    return { tone: 'failed', label: `${formatCount(failed)} failed` };
  }
  if (run.state === 'cancelled' || run.cancelled > 0) {
    return { tone: 'warning', label: 'Cancelled' };
  }
  if (run.input_error !== null) {
    return { tone: 'warning', label: 'Inputs ended early' };
  }
  return run.state === 'failed'
    ? { tone: 'failed', label: 'Failed' }
    : { tone: 'ok', label: 'Succeeded' };
}

export function poolVerdict(pool: IPool): IVerdict {
  switch (pool.state) {
    case 'ready':
      return { tone: 'ok', label: 'Pool ready' };
    case 'starting':
      return { tone: 'busy', label: 'Pool starting' };
    default:
      return { tone: 'failed', label: 'Pool failed' };
  }
}

/** `This machine · 2 workers`. The starter only bridges the time until the pool is up. */
export function poolPlace(pool: IPool): string {
  const lasting = pool.workers.filter(worker => !worker.starter);
  const workers = formatPlural(lasting.length, 'worker');
  const hosts = new Set(pool.workers.map(worker => worker.host));
  const place =
    pool.kind === 'embedded'
      ? 'This machine'
      : formatPlural(hosts.size, 'machine');
  return `${place} · ${workers}`;
}

/** `Sandbox.Timedout` and `requests.exceptions.HTTPError` by their last word. */
function shortType(errorType: string): string {
  return errorType.split('.').at(-1) ?? errorType;
}
