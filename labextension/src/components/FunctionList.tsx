/** Every function of the service, whoever made it; each unfolds to its latest invocations. */
import * as React from 'react';

import type { IAttempt, IFunction } from '../api/types';
import { attemptVerdict, functionVerdict, type IVerdict } from '../format/outcome';
import {
  formatAge,
  formatCount,
  formatDuration,
  formatMemory,
  formatMoney,
  formatPlural
} from '../format/quantity';
import { type Detail, subjectKey } from '../model/details';
import { DetailView } from './DetailView';
import { Row } from './Row';

export interface IFunctionListProps {
  readonly functions: readonly IFunction[];
  readonly now: number;
  readonly isOpen: (key: string) => boolean;
  readonly content: (key: string) => Detail;
  readonly onToggle: (fn: IFunction) => void;
  readonly onToggleLogs: (place: string, attempt: IAttempt) => void;
}

export function FunctionList(props: IFunctionListProps): JSX.Element {
  if (props.functions.length === 0) {
    return (
      <p className="jl-Note" data-testid="jl-no-functions">
        No functions yet. Press λ in a cell’s toolbar, or write{' '}
        <code>%%lambda NAME</code> on its first line.
      </p>
    );
  }
  return (
    <ul className="jl-List" aria-label="Functions">
      {props.functions.map(fn => (
        <FunctionRow key={fn.name} fn={fn} {...props} />
      ))}
    </ul>
  );
}

function FunctionRow(
  props: IFunctionListProps & { readonly fn: IFunction }
): JSX.Element {
  const { fn } = props;
  const key = subjectKey(fn);
  return (
    <Row
      verdict={functionVerdict(fn)}
      title={fn.name}
      badge={fn.running > 0 && <Running count={fn.running} />}
      meta={
        `${formatMemory(fn.memory_mb)} · ${fn.timeout_s} s` +
        ` · ${formatPlural(fn.usage.requests, 'call')}` +
        ` · ${formatMoney(fn.usage.cost_usd)}`
      }
      value={lastResult(fn)}
      age={fn.last === null ? '' : formatAge(fn.last.started_at, props.now)}
      tooltip={functionTooltip(fn)}
      testId={`jl-function-${fn.name}`}
      isOpen={props.isOpen(key)}
      onToggle={() => props.onToggle(fn)}
    >
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

function Running({ count }: { readonly count: number }): JSX.Element {
  return (
    <span className="jl-Badge jl-is-busy">{formatCount(count)} running</span>
  );
}

/** How long the last call took, or why it failed. */
function lastResult(fn: IFunction): IVerdict {
  if (fn.last === null) {
    return { tone: 'idle', label: '–' };
  }
  return fn.last.outcome === 'ok'
    ? { tone: 'ok', label: formatDuration(fn.last.duration_ms) }
    : attemptVerdict(fn.last);
}

function functionTooltip(fn: IFunction): string {
  const lines = [
    fn.description,
    `Revision ${fn.revision}, memory ${formatMemory(fn.memory_mb)}, timeout ${fn.timeout_s} s`,
    `This month: ${formatPlural(fn.usage.requests, 'call')}, ${formatCount(fn.usage.failures)} failed, ${formatMoney(fn.usage.cost_usd)}`
  ];
  return lines.filter(line => line !== '').join('\n');
}
