/**
 * The shapes that the Lambda service sends, by the names of its own API.
 *
 * Times are ISO 8601 texts in UTC, money is a decimal text in US dollars, and each unit is in the
 * name of its field.
 */

export type Outcome =
  | 'ok'
  | 'error'
  | 'timeout'
  | 'crash'
  | 'lost'
  | 'cancelled';

/** One execution of a handler for one request: the unit of billing. */
export interface IAttempt {
  readonly request_id: string;
  readonly attempt: number;
  readonly function: string;
  readonly version: string;
  readonly source: string;
  readonly run: string | null;
  readonly item: number | null;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly billed_duration_ms: number;
  readonly init_duration_ms: number | null;
  readonly memory_mb: number;
  readonly max_memory_used_mb: number;
  readonly outcome: Outcome;
  readonly error_type: string | null;
  readonly worker: string;
  readonly cost_usd: string;
}

/** What a function used in this month. */
export interface IFunctionUsage {
  readonly requests: number;
  readonly failures: number;
  readonly gb_seconds: string | number;
  readonly billed_duration_ms: number;
  readonly cost_usd: string;
}

export interface IFunction {
  readonly name: string;
  readonly arn: string;
  readonly revision: number;
  readonly description: string;
  readonly memory_mb: number;
  readonly timeout_s: number;
  readonly last_modified: string;
  readonly source: string;
  readonly running: number;
  readonly last: IAttempt | null;
  readonly usage: IFunctionUsage;
}

export type RunState =
  | 'open'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled';

/** A durable map of one function over many inputs. */
export interface IRun {
  readonly id: string;
  readonly function: string;
  readonly state: RunState;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly input_closed: boolean;
  readonly input_error: string | null;
  readonly accepted: number;
  readonly queued: number;
  readonly running: number;
  readonly ok: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly cancelled: number;
  readonly billed_duration_ms: number;
  readonly p50_ms: number | null;
  /** Grows with each change of the run. */
  readonly sequence: number;
  readonly cost_usd: string;
}

export interface IWorker {
  readonly name: string;
  readonly address: string;
  readonly pid: number;
  readonly host: string;
  readonly threads: number;
  readonly memory_mb: number;
  readonly environments: number;
  readonly running: number;
  readonly starter: boolean;
}

export interface IPool {
  readonly kind: string;
  readonly state: 'starting' | 'ready' | 'failed';
  readonly detail: string;
  readonly scheduler: string | null;
  readonly workers: readonly IWorker[];
}

export interface IStatus {
  readonly pid: number;
  readonly home: string;
  readonly version: string;
  readonly started_at: string;
  readonly functions: number;
  readonly running: number;
  readonly queued: number;
  readonly runs: number;
  readonly pool: IPool;
}

/** What this month used and costs: at list price, and after the free tier. */
export interface IUsage {
  readonly requests: number;
  readonly failures: number;
  readonly billed_duration_ms: number;
  readonly cost: { readonly total_usd: string; readonly price_table: string };
  readonly bill?: {
    readonly month: string;
    readonly list_usd: string;
    readonly free_tier_usd: string;
    readonly payable_usd: string;
  };
}

export interface IOverview {
  readonly status: IStatus;
  readonly functions: readonly IFunction[];
  readonly runs: readonly IRun[];
  readonly invocations: readonly IAttempt[];
  readonly usage: IUsage;
}

export type OverviewReply =
  | { readonly service: 'up'; readonly overview: IOverview }
  | { readonly service: 'down'; readonly detail: string };

export interface ILogLine {
  readonly sequence: number;
  readonly timestamp: string;
  readonly request_id: string;
  readonly function: string;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}
