/** Invocations, newest first; each unfolds to its log. */
import * as React from 'react';

import type { IAttempt } from '../api/types';
import { attemptVerdict } from '../format/outcome';
import {
  formatAge,
  formatBilled,
  formatDuration,
  formatMemory,
  formatMoney
} from '../format/quantity';
import { type Detail, logsKey } from '../model/details';
import { DetailView } from './DetailView';
import { Row } from './Row';

export interface IInvocationListProps {
  readonly items: readonly IAttempt[];
  /** Where this list stands; the same invocation may unfold in one place only. */
  readonly place: string;
  /** Whether the function's name would be a repetition. */
  readonly isNested: boolean;
  readonly now: number;
  readonly isOpen: (key: string) => boolean;
  readonly content: (key: string) => Detail;
  readonly onToggle: (place: string, attempt: IAttempt) => void;
}

export function InvocationList(props: IInvocationListProps): JSX.Element {
  if (props.items.length === 0) {
    return <p className="jl-Note">No invocations yet.</p>;
  }
  return (
    <ul className="jl-List" aria-label="Invocations, newest first">
      {props.items.map(attempt => (
        <InvocationRow
          key={`${attempt.request_id}/${attempt.attempt}`}
          attempt={attempt}
          {...props}
        />
      ))}
    </ul>
  );
}

function InvocationRow(
  props: IInvocationListProps & { readonly attempt: IAttempt }
): JSX.Element {
  const { attempt } = props;
  const verdict = attemptVerdict(attempt);
  const key = logsKey(props.place, attempt);
  const meta = `billed ${formatBilled(attempt.billed_duration_ms)} · ${formatMoney(attempt.cost_usd)}`;
  return (
    <Row
      verdict={verdict}
      title={props.isNested ? verdict.label : attempt.function}
      badge={attempt.attempt > 1 && <Badge attempt={attempt.attempt} />}
      meta={
        props.isNested || attempt.outcome === 'ok'
          ? meta
          : `${verdict.label} · ${meta}`
      }
      value={{
        tone: verdict.tone,
        label: formatDuration(attempt.duration_ms)
      }}
      age={formatAge(attempt.started_at, props.now)}
      tooltip={invocationTooltip(attempt)}
      testId={`jl-invocation-${attempt.function}`}
      isOpen={props.isOpen(key)}
      onToggle={() => props.onToggle(props.place, attempt)}
    >
      <DetailView detail={props.content(key)} />
    </Row>
  );
}

function Badge({ attempt }: { readonly attempt: number }): JSX.Element {
  return <span className="jl-Badge">attempt {attempt}</span>;
}

function invocationTooltip(attempt: IAttempt): string {
  const init =
    attempt.init_duration_ms === null
      ? ''
      : `\nInit ${formatDuration(attempt.init_duration_ms)} (cold start)`;
  const item =
    attempt.run === null ? '' : `\nRun ${attempt.run}, item ${attempt.item}`;
  return (
    `Request ${attempt.request_id}${item}${init}\n` +
    `Memory used ${attempt.max_memory_used_mb} of ${formatMemory(attempt.memory_mb)}\n` +
    `Worker ${attempt.worker}`
  );
}
