/** The pool: where it is, and what each worker holds. */
import * as React from 'react';

import type { IPool, IWorker } from '../api/types';
import type { IVerdict } from '../format/outcome';
import { formatMemory, formatPlural } from '../format/quantity';
import { StatusDot } from './StatusDot';

export interface IPoolViewProps {
  readonly pool: IPool;
}

export function PoolView({ pool }: IPoolViewProps): JSX.Element {
  return (
    <>
      {pool.state === 'failed' && (
        <p className="jl-Note jl-is-failed">{pool.detail}</p>
      )}
      {pool.workers.length === 0 && (
        <p className="jl-Note">No workers yet.</p>
      )}
      <ul className="jl-List" aria-label="Workers">
        {pool.workers.map(worker => (
          <WorkerRow key={worker.name} worker={worker} />
        ))}
      </ul>
      {pool.scheduler !== null && (
        <p className="jl-Address" title={`Dask scheduler ${pool.scheduler}`}>
          <span className="jl-Address-label">Scheduler</span>
          <code>{pool.scheduler}</code>
        </p>
      )}
    </>
  );
}

function WorkerRow({ worker }: { readonly worker: IWorker }): JSX.Element {
  const verdict: IVerdict =
    worker.running > 0
      ? { tone: 'busy', label: 'Busy' }
      : { tone: 'ok', label: 'Ready' };
  return (
    <li
      className="jl-Item jl-Worker"
      title={`${worker.address}\nprocess ${worker.pid} on ${worker.host}`}
    >
      <StatusDot verdict={verdict} />
      <span className="jl-Row-heading">
        <span className="jl-Row-title">{worker.name}</span>
        {worker.starter && <span className="jl-Badge">starter</span>}
      </span>
      <span className={`jl-Row-value jl-is-${verdict.tone}`}>
        {worker.running > 0 ? `${worker.running} running` : 'idle'}
      </span>
      <span className="jl-Row-meta">
        {formatMemory(worker.memory_mb)} ·{' '}
        {formatPlural(worker.environments, 'environment')}
      </span>
    </li>
  );
}
