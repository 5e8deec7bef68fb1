/** A run's progress bar: what share of its items is in which state. */
import type { IRun } from '../api/types';
import { failedItems, type Tone } from './outcome';
import { formatCount } from './quantity';

export interface ISegment {
  readonly tone: Tone;
  readonly label: string;
  readonly percent: number;
}

/** Ok, failed, cancelled and running, in this order; what is missing to 100 is queued. */
export function runSegments(run: IRun): readonly ISegment[] {
  const total = Math.max(run.accepted, 1);
  const parts: [Tone, string, number][] = [
    ['ok', 'ok', run.ok],
    ['failed', 'failed', failedItems(run)],
    ['idle', 'cancelled', run.cancelled],
    ['busy', 'running', run.running]
  ];
  return parts
    .filter(([, , count]) => count > 0)
    .map(([tone, label, count]) => ({
      tone,
      label: `${formatCount(count)} ${label}`,
      percent: (100 * count) / total
    }));
}

/** `812 of 1,000 ok · 3 failed · 16 running`. */
export function runCounts(run: IRun): string {
  const more = run.input_closed ? '' : '+';
  const parts = [
    `${formatCount(run.ok)} of ${formatCount(run.accepted)}${more} ok`
  ];
  const failed = failedItems(run);
  if (failed > 0) {
    parts.push(`${formatCount(failed)} failed`);
  }
  if (run.cancelled > 0) {
    parts.push(`${formatCount(run.cancelled)} cancelled`);
  }
  if (run.running > 0) {
    parts.push(`${formatCount(run.running)} running`);
  }
  return parts.join(' · ');
}

/** Settled items in percent, rounded down, so that 100 means all of them. */
export function settledPercent(run: IRun): number {
  const settled = run.ok + failedItems(run) + run.cancelled;
  return run.accepted === 0 ? 0 : Math.floor((100 * settled) / run.accepted);
}
