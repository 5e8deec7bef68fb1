/**
 * The plugin behind the λ button in a cell's toolbar.
 *
 * It writes the magic line into the cell, so that the code says all there is to know; nothing is
 * kept in the cell's metadata. The magic is made available at once, by loading the extension into
 * the running kernel, and for later, by a cell that loads it.
 */
import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';

import { lambdaIcon } from '../icon';
import {
  convert,
  FALLBACK_NAME,
  LOAD_LINE,
  loadsExtension
} from '../model/magicLine';
import { CommandIDs } from '../tokens';

const NOTICE_MS = 5_000;

export const cellButton: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-lambda:cell-button',
  description: 'Turns the active cell into a function.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    palette: ICommandPalette | null
  ) => {
    const isCodeCell = (): boolean =>
      tracker.activeCell?.model.type === 'code';
    app.commands.addCommand(CommandIDs.makeFunction, {
      label: 'Lambda: Make the active cell a function',
      caption: 'Make this cell a function',
      icon: lambdaIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: isCodeCell,
      isVisible: isCodeCell,
      execute: () => {
        const { activeCell, currentWidget } = tracker;
        if (activeCell !== null && currentWidget !== null) {
          makeFunction(activeCell, currentWidget);
        }
      }
    });
    palette?.addItem({ command: CommandIDs.makeFunction, category: 'Lambda' });
  }
};

function makeFunction(cell: Cell, notebook: NotebookPanel): void {
  const language = notebook.model?.defaultKernelLanguage;
  if (language !== undefined && language !== '' && language !== 'python') {
    warn(`A function is written in Python; this notebook is in ${language}.`);
    return;
  }
  const conversion = convert(cell.model.sharedModel.getSource());
  switch (conversion.kind) {
    case 'already':
      inform('This cell is a function already.');
      return;
    case 'otherMagic':
      warn(
        `This cell begins with ${conversion.magic}, and a cell can have one magic only.`
      );
      return;
    case 'insert':
      void loadIntoKernel(notebook);
      addLoadingCell(notebook);
      cell.model.sharedModel.updateSource(0, 0, conversion.text);
      if (conversion.name === FALLBACK_NAME) {
        selectName(cell, notebook);
      }
  }
}

/** Queued before anything the person runs next, so the magic exists when the cell is run. */
async function loadIntoKernel(notebook: NotebookPanel): Promise<void> {
  const kernel = notebook.sessionContext.session?.kernel;
  if (!kernel) {
    return;
  }
  const future = kernel.requestExecute({
    code: LOAD_LINE,
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false
  });
  const reply = await future.done;
  if (reply.content.status === 'error') {
    warn(
      `This kernel cannot load jupyter_lambda (${reply.content.ename}): install it into the kernel's environment.`
    );
  }
}

/** A notebook that is opened later, or run without JupyterLab, loads the magic by itself. */
function addLoadingCell(notebook: NotebookPanel): void {
  const shared = notebook.model?.sharedModel;
  if (
    shared !== undefined &&
    !loadsExtension(shared.cells.map(cell => cell.getSource()))
  ) {
    shared.insertCell(0, { cell_type: 'code', source: LOAD_LINE });
    inform(`${LOAD_LINE} was added as the first cell.`);
  }
}

/** A name that nobody chose is ready to be typed over. */
function selectName(cell: Cell, notebook: NotebookPanel): void {
  const column = '%%lambda '.length;
  notebook.content.mode = 'edit';
  cell.editor?.setSelection({
    start: { line: 0, column },
    end: { line: 0, column: column + FALLBACK_NAME.length }
  });
}

function inform(message: string): void {
  Notification.info(message, { autoClose: NOTICE_MS });
}

function warn(message: string): void {
  Notification.warning(message, { autoClose: NOTICE_MS });
}
