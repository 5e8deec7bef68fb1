/**
 * The sidebar panel: a header over an accordion of sections.
 *
 * While the service is down the header alone is shown, and it says so.
 */
import {
  PanelWithToolbar,
  SidePanel,
  stopIcon,
  ToolbarButton
} from '@jupyterlab/ui-components';
import { MessageLoop } from '@lumino/messaging';
import { AccordionPanel, Widget } from '@lumino/widgets';
import * as React from 'react';

import type { IOverview } from '../api/types';
import { FunctionList } from '../components/FunctionList';
import { Header } from '../components/Header';
import { InvocationList } from '../components/InvocationList';
import { PoolView } from '../components/PoolView';
import { RunList } from '../components/RunList';
import { ServiceDown } from '../components/ServiceDown';
import { lambdaIcon } from '../icon';
import type { PanelModel } from '../model/panelModel';
import { PANEL_ID } from '../tokens';
import { createModelView, type Render } from './modelView';

/** How the sections share the height at first. */
const RELATIVE_SIZES = [4, 3, 4, 0];
/** Folded at first: the header says enough of it. */
const POOL_SECTION = 3;

export interface ISidebarOptions {
  readonly model: PanelModel;
  /** The panel has come into view. */
  readonly onShown: () => void;
  /** The person wants the service to end. */
  readonly onStop: () => void;
}

export class LambdaSidebar extends SidePanel {
  constructor(options: ISidebarOptions) {
    super();
    const { model } = options;
    this.id = PANEL_ID;
    this.addClass('jl-Sidebar');
    this.title.icon = lambdaIcon;
    this.title.caption = 'Lambda';
    this.node.setAttribute('aria-label', 'Lambda');
    this.node.setAttribute('role', 'region');
    this._model = model;
    this._onShown = options.onShown;
    this.header.addWidget(createModelView(model, renderHeader));
    this.addWidget(section('Functions', model, renderFunctions));
    this.addWidget(section('Runs', model, renderRuns));
    this.addWidget(section('Recent invocations', model, renderInvocations));
    this.addWidget(poolSection(model, options.onStop));
    const sections = this.content as AccordionPanel;
    sections.collapse(POOL_SECTION);
    sections.setRelativeSizes(RELATIVE_SIZES);
    this._resizing.observe(sections.node);
    model.stateChanged.connect(this._showSections, this);
    this._showSections();
  }

  override dispose(): void {
    this._resizing.disconnect();
    super.dispose();
  }

  protected override onAfterShow(): void {
    this._onShown();
  }

  private _showSections(): void {
    this.content.setHidden(this._model.state.overview === null);
  }

  private readonly _model: PanelModel;
  private readonly _onShown: () => void;
  /** The header grows and shrinks with what it says; the sections share what it leaves. */
  private readonly _resizing = new ResizeObserver(() =>
    MessageLoop.postMessage(this.content, Widget.ResizeMessage.UnknownSize)
  );
}

function section(
  title: string,
  model: PanelModel,
  render: (model: PanelModel, overview: IOverview, now: number) => JSX.Element
): PanelWithToolbar {
  const panel = new PanelWithToolbar();
  panel.title.label = title;
  panel.addClass('jl-Section');
  panel.addWidget(
    createModelView(model, (_, now) =>
      model.state.overview === null ? (
        <></>
      ) : (
        render(model, model.state.overview, now)
      )
    )
  );
  return panel;
}

function poolSection(model: PanelModel, onStop: () => void): PanelWithToolbar {
  const panel = section('Pool', model, (_, overview) => (
    <PoolView pool={overview.status.pool} />
  ));
  panel.toolbar.addItem(
    'stop',
    new ToolbarButton({
      icon: stopIcon,
      tooltip: 'Stop the Lambda service and its pool',
      onClick: onStop
    })
  );
  return panel;
}

const renderHeader: Render = model => {
  const { connection, detail, failure, overview, pending } = model.state;
  return connection === 'up' && overview !== null ? (
    <Header overview={overview} />
  ) : (
    <ServiceDown
      connection={connection === 'up' ? 'connecting' : connection}
      detail={detail}
      isStarting={pending === 'starting'}
      failure={failure}
      onStart={() => void model.start()}
    />
  );
};

function unfolding({ details }: PanelModel) {
  return {
    isOpen: details.isOpen.bind(details),
    content: details.content.bind(details),
    onToggleLogs: details.toggleLogs.bind(details)
  };
}

function renderFunctions(
  model: PanelModel,
  overview: IOverview,
  now: number
): JSX.Element {
  return (
    <FunctionList
      functions={overview.functions}
      now={now}
      onToggle={fn => model.details.toggleInvocations(fn)}
      {...unfolding(model)}
    />
  );
}

function renderRuns(
  model: PanelModel,
  overview: IOverview,
  now: number
): JSX.Element {
  return (
    <RunList
      runs={overview.runs}
      now={now}
      onToggle={run => model.details.toggleInvocations(run)}
      {...unfolding(model)}
    />
  );
}

function renderInvocations(
  model: PanelModel,
  overview: IOverview,
  now: number
): JSX.Element {
  const { isOpen, content, onToggleLogs } = unfolding(model);
  return (
    <InvocationList
      items={overview.invocations}
      place="recent"
      isNested={false}
      now={now}
      isOpen={isOpen}
      content={content}
      onToggle={onToggleLogs}
    />
  );
}
