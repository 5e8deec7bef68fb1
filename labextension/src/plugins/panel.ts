/** The plugin that adds the sidebar panel and keeps it current. */
import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog } from '@jupyterlab/apputils';

import { LambdaApi } from '../api/client';
import { LiveUpdates } from '../model/liveUpdates';
import { PanelModel } from '../model/panelModel';
import { CommandIDs, PANEL_ID } from '../tokens';
import { LambdaSidebar } from '../widgets/sidebar';

export const panel: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-lambda:panel',
  description: 'Shows functions, runs, invocations and the pool in a sidebar.',
  autoStart: true,
  optional: [ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ) => {
    const model = new PanelModel(new LambdaApi(app.serviceManager.serverSettings));
    const sidebar: LambdaSidebar = new LambdaSidebar({
      model,
      onShown: () => live.look(),
      onStop: () => void stopAfterAsking(model)
    });
    const live = new LiveUpdates({
      events: app.serviceManager.events.stream,
      isWatched: () => sidebar.isVisible,
      refresh: () => model.refresh()
    });
    sidebar.disposed.connect(() => {
      live.dispose();
      model.dispose();
    });
    app.shell.add(sidebar, 'left', { rank: 500, type: 'Lambda' });
    restorer?.add(sidebar, PANEL_ID);
    addShowCommand(app, palette);
  }
};

function addShowCommand(
  app: JupyterFrontEnd,
  palette: ICommandPalette | null
): void {
  app.commands.addCommand(CommandIDs.showPanel, {
    label: 'Lambda: Show panel',
    caption: 'Show functions, runs and invocations in the sidebar',
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => app.shell.activateById(PANEL_ID)
  });
  palette?.addItem({ command: CommandIDs.showPanel, category: 'Lambda' });
}

async function stopAfterAsking(model: PanelModel): Promise<void> {
  const running = model.state.overview?.status.running ?? 0;
  const answer = await showDialog({
    title: 'Stop the Lambda service?',
    body:
      running > 0
        ? `${running} running now will be interrupted. Functions, runs and results are kept.`
        : 'Functions, runs and results are kept. It starts again when it is needed.',
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Stop' })]
  });
  if (answer.button.accept) {
    await model.stop();
  }
}
