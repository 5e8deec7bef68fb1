/** The log of one request, as it was written: what the handler printed, and the platform's lines. */
import * as React from 'react';

import type { ILogLine } from '../api/types';
import { formatClockTime } from '../format/quantity';

export interface ILogViewProps {
  readonly lines: readonly ILogLine[];
}

export function LogView({ lines }: ILogViewProps): JSX.Element {
  if (lines.length === 0) {
    return <p className="jl-Note">Nothing was logged.</p>;
  }
  return (
    <pre className="jl-Log" data-testid="jl-log" tabIndex={0} aria-label="Log">
      {lines.map(line => (
        <span
          key={`${line.sequence}-${line.stream}-${line.timestamp}`}
          className={`jl-Log-line jl-from-${line.stream}`}
          title={formatClockTime(line.timestamp)}
        >
          {line.text.replace(/\n$/, '') + '\n'}
        </span>
      ))}
    </pre>
  );
}
