/** What the panel says while there is no service to ask. */
import * as React from 'react';

import type { Connection } from '../model/panelModel';

export interface IServiceDownProps {
  readonly connection: Exclude<Connection, 'up'>;
  readonly detail: string;
  readonly isStarting: boolean;
  /** Why the last start did not work. */
  readonly failure: string;
  readonly onStart: () => void;
}

export function ServiceDown(props: IServiceDownProps): JSX.Element {
  if (props.connection === 'connecting') {
    return <p className="jl-Note">Looking for the Lambda service…</p>;
  }
  if (props.connection === 'unreachable') {
    return (
      <div className="jl-Down" role="status" data-testid="jl-unreachable">
        <p className="jl-Down-title">The Lambda service cannot be read</p>
        <p className="jl-Note">{props.detail}</p>
      </div>
    );
  }
  return (
    <div className="jl-Down" role="status" data-testid="jl-service-down">
      <span className="jl-Down-mark" aria-hidden="true">
        λ
      </span>
      <p className="jl-Down-title">The Lambda service is not running</p>
      <p className="jl-Note">
        It starts by itself with the first <code>%%lambda</code> cell.
      </p>
      <button
        type="button"
        className="jp-Button jp-mod-styled jp-mod-accept"
        data-testid="jl-start"
        disabled={props.isStarting}
        onClick={props.onStart}
      >
        {props.isStarting ? 'Starting…' : 'Start'}
      </button>
      {props.failure !== '' && (
        <p className="jl-Note jl-is-failed" role="alert">
          {props.failure}
        </p>
      )}
    </div>
  );
}
