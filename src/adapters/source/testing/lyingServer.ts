import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers as a real Prometheus or Alertmanager cannot be made to. */
export interface LyingServer {
  readonly url: string;
  /** Every request it got, newest last. */
  readonly asked: readonly {
    readonly path: string;
    readonly authorization: string | undefined;
    readonly body: string;
  }[];
  /** How it answers from now on. */
  answer(how: Lie): void;
  close(): Promise<void>;
}

export type Lie = (response: ServerResponse, body: URLSearchParams, request: IncomingMessage) => void;

export async function startLyingServer(first: Lie): Promise<LyingServer> {
  let lie = first;
  const asked: LyingServer['asked'][number][] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      asked.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
      lie(response, new URLSearchParams(body), request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answer(how) {
      lie = how;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** JSON with a status. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Lie {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** A vector with one value for each instance, evaluated now; the second question, about times, is answered truly or as told. */
export function vector(values: Readonly<Record<string, string>>, clockMs = 0, ageMs = 0, more: object = {}): Lie {
  return (response, form) => {
    const at = form.has('time') ? Number(form.get('time')) : (Date.now() + clockMs) / 1000;
    const times = form.get('query')?.includes('timestamp(') === true;
    const result = Object.entries(values).map(([instance, value]) => ({
      metric: { instance },
      value: [at, times ? String(at - ageMs / 1000) : value],
    }));
    json({ status: 'success', data: { resultType: 'vector', result }, ...more })(response, form, {} as IncomingMessage);
  };
}
