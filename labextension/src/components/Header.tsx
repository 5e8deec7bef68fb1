/** The top of the panel: where the pool is, what is running, and what this month cost. */
import * as React from 'react';

import type { IOverview } from '../api/types';
import { poolPlace, poolVerdict } from '../format/outcome';
import { formatCount, formatMoney } from '../format/quantity';
import { StatusDot } from './StatusDot';

export interface IHeaderProps {
  readonly overview: IOverview;
}

export function Header({ overview }: IHeaderProps): JSX.Element {
  const { status, usage } = overview;
  const verdict = poolVerdict(status.pool);
  return (
    <section className="jl-Header" aria-label="Overview" data-testid="jl-header">
      <div className="jl-Header-pool" title={poolTooltip(overview)}>
        <StatusDot verdict={verdict} />
        <span className="jl-Row-title">{verdict.label}</span>
        <span className="jl-Row-meta">{poolPlace(status.pool)}</span>
      </div>
      <dl className="jl-Figures">
        <Figure label="Running" value={formatCount(status.running)} />
        <Figure label="Queued" value={formatCount(status.queued)} />
        <Figure
          label="This month"
          value={formatMoney(usage.cost.total_usd)}
          tooltip={costTooltip(overview)}
        />
      </dl>
    </section>
  );
}

interface IFigureProps {
  readonly label: string;
  readonly value: string;
  readonly tooltip?: string;
}

function Figure({ label, value, tooltip }: IFigureProps): JSX.Element {
  return (
    <div className="jl-Figure" title={tooltip}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function poolTooltip({ status }: IOverview): string {
  const { pool } = status;
  const place = pool.scheduler ?? pool.detail;
  return place === '' ? poolPlace(pool) : `${poolPlace(pool)}\n${place}`;
}

function costTooltip({ usage }: IOverview): string {
  const list = `List price of AWS: ${formatMoney(usage.cost.total_usd)}`;
  return usage.bill === undefined
    ? list
    : `${list}\nAfter the free tier: ${formatMoney(usage.bill.payable_usd)}`;
}
