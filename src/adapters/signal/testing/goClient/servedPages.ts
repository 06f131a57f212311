import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GO_PAGES } from './goPages.ts';

/** A service that shows one of the pages of a Go client, in the format that it is asked for. */
export interface ServedPages {
  readonly address: string;
  /** What it answers with from now on; at first the first. */
  show(index: number): void;
  /** The last few `Accept` headers of our agents, oldest first. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function servePages(): Promise<ServedPages> {
  let shown = 0;
  const asked: string[] = [];
  const server = createServer(({ headers }, response) => {
    const { accept = '' } = headers;
    if (headers['user-agent'] === 'ringfence-agent') asked.push(accept);
    if (asked.length > 10) asked.shift();
    const page = GO_PAGES[shown];
    if (accept.startsWith('application/vnd.google.protobuf')) {
      const type = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
      response.setHeader('Content-Type', `${type}; escaping=values`);
      response.end(page?.protobuf);
    } else {
      response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8; escaping=values');
      response.end(page?.text);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    show(index) {
      shown = index;
    },
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
