/**
 * Asks the Jupyter server, which passes the question on to the Lambda service.
 *
 * All addresses are relative to the server's base URL, and the server's own authentication is the
 * only secret involved.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { IAttempt, ILogLine, OverviewReply } from './types';

const NAMESPACE = 'jupyter-lambda/api';

/** Which invocations to list. */
export interface IInvocationQuery {
  readonly function?: string;
  readonly run?: string;
  readonly limit?: number;
}

export class LambdaApi {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings ?? ServerConnection.makeSettings();
  }

  overview(): Promise<OverviewReply> {
    return this._request<OverviewReply>('overview');
  }

  async invocations(query: IInvocationQuery): Promise<readonly IAttempt[]> {
    const reply = await this._request<{ invocations: IAttempt[] }>(
      'invocations' + queryText({ ...query })
    );
    return reply.invocations;
  }

  async logs(requestId: string): Promise<readonly ILogLine[]> {
    const reply = await this._request<{ lines: ILogLine[] }>(
      'logs' + queryText({ request_id: requestId })
    );
    return reply.lines;
  }

  /** Resolves when the service answers. */
  async start(): Promise<void> {
    await this._request('start', 'POST');
  }

  async stop(): Promise<void> {
    await this._request('stop', 'POST');
  }

  private async _request<T>(path: string, method = 'GET'): Promise<T> {
    const url = URLExt.join(this._settings.baseUrl, NAMESPACE, path);
    const init: RequestInit =
      method === 'GET' ? { method } : { method, body: '{}' };
    const response = await ServerConnection.makeRequest(
      url,
      init,
      this._settings
    );
    if (!response.ok) {
      throw await ServerConnection.ResponseError.create(response);
    }
    return (await response.json()) as T;
  }

  private readonly _settings: ServerConnection.ISettings;
}

function queryText(query: Record<string, string | number>): string {
  const texts = Object.entries(query).map(
    ([key, value]) => [key, String(value)] as [string, string]
  );
  return URLExt.objectToQueryString(Object.fromEntries(texts));
}
