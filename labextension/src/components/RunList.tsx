/** Runs, newest first, with what became of their items; each unfolds to its latest invocations. */
import * as React from 'react';

import type { IAttempt, IRun } from '../api/types';
import { runVerdict } from '../format/outcome';
import {
  formatAge,
  formatBilled,
  formatCount,
  formatDuration,
  formatMoney
} from '../format/quantity';
import { runCounts, runSegments, settledPercent } from '../format/runProgress';
import { type Detail, subjectKey } from '../model/details';
import { DetailView } from './DetailView';
import { Row } from './Row';

export interface IRunListProps {
  readonly runs: readonly IRun[];
  readonly now: number;
  readonly isOpen: (key: string) => boolean;
  readonly content: (key: string) => Detail;
  readonly onToggle: (run: IRun) => void;
  readonly onToggleLogs: (place: string, attempt: IAttempt) => void;
}

export function RunList(props: IRunListProps): JSX.Element {
  if (props.runs.length === 0) {
    return (
      <p className="jl-Note">
        No runs yet. <code>%lambda map NAME ITERABLE</code> starts one.
      </p>
    );
  }
  return (
    <ul className="jl-List" aria-label="Runs, newest first">
      {props.runs.map(run => (
        <RunRow key={run.id} run={run} {...props} />
      ))}
    </ul>
  );
}

function RunRow(
  props: IRunListProps & { readonly run: IRun }
): JSX.Element {
  const { run } = props;
  const key = subjectKey(run);
  const verdict = runVerdict(run);
  return (
    <Row
      verdict={verdict}
      title={run.function}
      meta={`${runCounts(run)} · ${formatMoney(run.cost_usd)}`}
      bar={<Progress run={run} />}
      value={verdict}
      age={formatAge(run.created_at, props.now)}
      tooltip={runTooltip(run)}
      testId={`jl-run-${run.id}`}
      isOpen={props.isOpen(key)}
      onToggle={() => props.onToggle(run)}
    >
      <Failures run={run} />
      <DetailView
        detail={props.content(key)}
        list={items => ({
          items,
          place: key,
          isNested: true,
          now: props.now,
          isOpen: props.isOpen,
          content: props.content,
          onToggle: props.onToggleLogs
        })}
      />
    </Row>
  );
}

function Progress({ run }: { readonly run: IRun }): JSX.Element {
  return (
    <span
      className="jl-Progress"
      role="progressbar"
      aria-label={runCounts(run)}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={settledPercent(run)}
    >
      {runSegments(run).map(segment => (
        <span
          key={segment.label.replace(/[\d,]+ /, '')}
          className={`jl-Progress-part jl-is-${segment.tone}`}
          style={{ width: `${segment.percent}%` }}
          title={segment.label}
        />
      ))}
    </span>
  );
}

/** Which errors the failed items met, the most frequent first. */
function Failures({ run }: { readonly run: IRun }): JSX.Element {
  const failures = Object.entries(run.failures).sort(([, a], [, b]) => b - a);
  return (
    <>
      {run.input_error !== null && (
        <p className="jl-Note jl-is-warning">{run.input_error}</p>
      )}
      {failures.length > 0 && (
        <p className="jl-Tags" aria-label="Failures by error">
          {failures.map(([error, count]) => (
            <span key={error} className="jl-Badge jl-is-failed">
              {formatCount(count)} × {error}
            </span>
          ))}
        </p>
      )}
    </>
  );
}

function runTooltip(run: IRun): string {
  const lines = [
    `Run ${run.id}`,
    run.p50_ms === null ? '' : `Median ${formatDuration(run.p50_ms)}`,
    `Billed ${formatBilled(run.billed_duration_ms)}`
  ];
  return lines.filter(line => line !== '').join('\n');
}
