// The limit: a plain `ws` server that sends the same 1 KB to everyone and counts their acknowledgements.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { BareOrder, BareWord } from './bareOrder.ts';

const PAYLOAD = Buffer.alloc(1024, 7);

const sockets = new Set<WebSocket>();
let acks = 0;
let done: (() => void) | null = null;

function tell(word: BareWord): void {
  process.send?.(word);
}

function start(tls: { readonly cert: string; readonly key: string } | null): void {
  const server = tls === null ? createServer() : createTlsServer(tls);
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
  server.on('upgrade', (request, socket, head) =>
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      sockets.add(webSocket);
      webSocket.on('message', () => {
        if (++acks === sockets.size) done?.();
      });
      webSocket.on('close', () => sockets.delete(webSocket));
    }),
  );
  server.listen(0, '127.0.0.1', () => tell({ word: 'listens', port: (server.address() as AddressInfo).port }));
}

function broadcast(): void {
  acks = 0;
  const started = performance.now();
  done = () => tell({ word: 'acked', ms: performance.now() - started });
  for (const socket of sockets) socket.send(PAYLOAD);
}

process.on('message', (order: BareOrder) => {
  if (order.order === 'start') start(order.tls);
  if (order.order === 'broadcast') broadcast();
  if (order.order === 'memory') {
    globalThis.gc?.();
    tell({ word: 'memory', bytes: process.memoryUsage().rss, sockets: sockets.size });
  }
});
process.on('disconnect', () => process.exit(0));
