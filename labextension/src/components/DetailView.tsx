/** What an unfolded row shows: being read, not to be read, a list of invocations, or a log. */
import * as React from 'react';

import type { IAttempt } from '../api/types';
import { type Detail } from '../model/details';
import { type IInvocationListProps, InvocationList } from './InvocationList';
import { LogView } from './LogView';

export interface IDetailViewProps {
  readonly detail: Detail;
  /** How to list invocations, where the detail has any. */
  readonly list?: (items: readonly IAttempt[]) => IInvocationListProps;
}

export function DetailView({ detail, list }: IDetailViewProps): JSX.Element {
  switch (detail.kind) {
    case 'loading':
      return <p className="jl-Note">Reading…</p>;
    case 'unreadable':
      return <p className="jl-Note jl-is-failed">{detail.reason}</p>;
    case 'logs':
      return <LogView lines={detail.lines} />;
    default:
      return list ? <InvocationList {...list(detail.items)} /> : <></>;
  }
}
