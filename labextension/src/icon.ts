import { LabIcon } from '@jupyterlab/ui-components';

const LAMBDA_SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <path d="M5.4 3.6h4.5l6.9 14 2.1-.8.9 2.4-4.3 1.6L8.3 6.2H5.4z"/>
    <path d="M10.3 11.2l1.6 3.3-3.3 6.1H5.4z"/>
  </g>
</svg>`;

export const lambdaIcon = new LabIcon({
  name: 'jupyter-lambda:lambda',
  svgstr: LAMBDA_SVG
});
