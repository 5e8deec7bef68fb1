/** A coloured dot, with its meaning in words for who cannot see the colour. */
import * as React from 'react';

import type { IVerdict } from '../format/outcome';

export interface IStatusDotProps {
  readonly verdict: IVerdict;
}

export function StatusDot({ verdict }: IStatusDotProps): JSX.Element {
  return (
    <span className={`jl-Dot jl-is-${verdict.tone}`}>
      <span className="jl-Hidden">{verdict.label}. </span>
    </span>
  );
}
