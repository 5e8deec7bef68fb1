/** The plugins that this extension brings to JupyterLab. */
import { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { cellButton } from './plugins/cellButton';
import { panel } from './plugins/panel';

const plugins: JupyterFrontEndPlugin<void>[] = [panel, cellButton];

export default plugins;
