/** An entry of a list that unfolds: a dot and a title, a result at the right, a second line. */
import * as React from 'react';

import type { IVerdict } from '../format/outcome';
import { StatusDot } from './StatusDot';

export interface IRowProps {
  readonly verdict: IVerdict;
  readonly title: string;
  readonly badge?: React.ReactNode;
  /** The second line, under the title. */
  readonly meta: React.ReactNode;
  /** At the right: what came out, and when. */
  readonly value: IVerdict;
  readonly age: string;
  /** The third line, over the whole width. */
  readonly bar?: React.ReactNode;
  readonly tooltip: string;
  readonly testId: string;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  /** What is shown when the row is unfolded. */
  readonly children?: React.ReactNode;
}

export function Row(props: IRowProps): JSX.Element {
  const detailId = React.useId();
  return (
    <li className="jl-Item" data-testid={props.testId}>
      <button
        type="button"
        className="jl-Row"
        title={props.tooltip}
        aria-expanded={props.isOpen}
        aria-controls={detailId}
        onClick={props.onToggle}
      >
        <StatusDot verdict={props.verdict} />
        <span className="jl-Row-heading">
          <span className="jl-Row-title">{props.title}</span>
          {props.badge}
        </span>
        <span className={`jl-Row-value jl-is-${props.value.tone}`}>
          {props.value.label}
        </span>
        <span className="jl-Row-meta">{props.meta}</span>
        <span className="jl-Row-age">{props.age}</span>
        {props.bar}
      </button>
      <div id={detailId} className="jl-Detail" hidden={!props.isOpen}>
        {props.isOpen && props.children}
      </div>
    </li>
  );
}
