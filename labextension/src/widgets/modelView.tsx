/** Renders a part of the model's state, again whenever it changes and as its ages grow old. */
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { PanelModel } from '../model/panelModel';

const AGE_TICK_MS = 5_000;

export type Render = (model: PanelModel, now: number) => JSX.Element;

interface IModelViewProps {
  readonly model: PanelModel;
  readonly render: Render;
}

function ModelView({ model, render }: IModelViewProps): JSX.Element {
  const now = useNow();
  return (
    <UseSignal signal={model.stateChanged}>
      {() => render(model, Math.max(now, Date.now()))}
    </UseSignal>
  );
}

/** The time, a few seconds old at most; it stands still while the page is hidden. */
function useNow(): number {
  const [now, setNow] = React.useState(() => Date.now());
  React.useEffect(() => {
    const timer = window.setInterval(() => {
      if (!document.hidden) {
        setNow(Date.now());
      }
    }, AGE_TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

export function createModelView(
  model: PanelModel,
  render: Render
): ReactWidget {
  const view = ReactWidget.create(<ModelView model={model} render={render} />);
  view.addClass('jl-View');
  return view;
}
