import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge, Registry } from 'prom-client';

/** A service that counts, with the usual client library, at a real address. */
export interface ShopExporter {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  serve(code: '200' | '500', count: number): void;
  load(value: number): void;
  /** As if its process had been started anew. */
  restart(): void;
  close(): Promise<void>;
}

export async function startShopExporter(): Promise<ShopExporter> {
  let shop = newShop();
  const server = createServer(async (_request, response) => {
    response.setHeader('content-type', shop.registry.contentType);
    response.end(await shop.registry.metrics());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    serve: (code, count) => shop.requests.inc({ code }, count),
    load: (value) => shop.load.set(value),
    restart() {
      shop = newShop();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function newShop() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    requests: new Counter({ name: 'shop_requests_total', help: 'Requests.', labelNames: ['code'], registers }),
    load: new Gauge({ name: 'shop_load', help: 'How busy it is.', registers }),
  };
}
