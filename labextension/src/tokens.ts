/** Names that plugins, schemas and tests share. */

export const PANEL_ID = 'jupyter-lambda-panel';

export namespace CommandIDs {
  export const showPanel = 'jupyter-lambda:show-panel';
  export const makeFunction = 'jupyter-lambda:make-function';
}

/** The Jupyter event by which the server says that something has changed. */
export const CHANGE_SCHEMA_ID =
  'https://events.jupyter.org/jupyter_lambda/change/v1';
