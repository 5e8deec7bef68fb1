/** How quantities read to a person: durations, sizes, counts, money and ages. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `0.25 ms`, `212 ms`, `3.2 s`, `2 min 5 s`, `1 h 3 min`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND_MS) {
    return `${ms.toFixed(ms > 0 && ms < 10 ? 2 : 0)} ms`;
  }
  if (ms < MINUTE_MS) {
    return `${(ms / SECOND_MS).toFixed(1)} s`;
  }
  if (ms < HOUR_MS) {
    return `${Math.floor(ms / MINUTE_MS)} min ${Math.floor((ms % MINUTE_MS) / SECOND_MS)} s`;
  }
  return `${Math.floor(ms / HOUR_MS)} h ${Math.floor((ms % HOUR_MS) / MINUTE_MS)} min`;
}

/** Billed durations are whole milliseconds: `1 ms`, `213 ms`; longer ones read like every other. */
export function formatBilled(ms: number): string {
  return ms < SECOND_MS ? `${ms} ms` : formatDuration(ms);
}

/** How long ago: `now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function formatAge(time: string, now: number): string {
  const age = now - Date.parse(time);
  if (Number.isNaN(age)) {
    return '';
  }
  if (age < 5 * SECOND_MS) {
    return 'now';
  }
  if (age < MINUTE_MS) {
    return `${Math.floor(age / SECOND_MS)} s ago`;
  }
  if (age < HOUR_MS) {
    return `${Math.floor(age / MINUTE_MS)} min ago`;
  }
  if (age < DAY_MS) {
    return `${Math.floor(age / HOUR_MS)} h ago`;
  }
  return `${Math.floor(age / DAY_MS)} d ago`;
}

/** `256 MB`, `1 GB`, `1.5 GB`. */
export function formatMemory(mb: number): string {
  return mb < 1_024 ? `${mb} MB` : `${Number((mb / 1_024).toFixed(1))} GB`;
}

/** `336,776`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/**
 * Dollars: below a cent, two significant digits of whatever size, so that nothing small reads as
 * nothing; the same as in the magics and the command line.
 *
 * `$0`, `$0.00000021`, `$0.0041`, `$0.0312`, `$12.30`.
 */
export function formatMoney(usd: string): string {
  const amount = Number(usd);
  if (!Number.isFinite(amount) || amount === 0) {
    return '$0';
  }
  if (amount >= 1) {
    return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  }
  if (amount >= 0.01) {
    return `$${amount.toFixed(4)}`;
  }
  return `$${amount.toFixed(1 - Math.floor(Math.log10(amount)))}`;
}

/** `1 worker`, `2 workers`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** The clock time of a log line in the reader's zone, to the millisecond. */
export function formatClockTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) {
    return time;
  }
  const two = (value: number): string => String(value).padStart(2, '0');
  const milliseconds = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}
