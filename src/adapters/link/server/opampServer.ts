import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../../engine/ports/clock.ts';
import type { Entropy } from '../../../engine/ports/entropy.ts';
import type { Fleet } from '../../../engine/ports/fleet.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import { ARTIFACTS_PATH, serveArtifact } from './artifactRoute.ts';
import { Bandwidth } from './bandwidth.ts';
import { bearerToken } from './bearer.ts';
import { HttpExchange, PROTOBUF } from './httpExchange.ts';
import { OpampAgents } from './opampAgents.ts';
import { DEFAULT_LIMITS, type OpampLimits } from './opampLimits.ts';
import { newMetrics, type OpampMetrics } from './opampMetrics.ts';
import { PACKAGES_PATH, type PackageRouteOptions, servePackage } from './packageRoute.ts';
import { refuseRequest, refuseUpgrade, retryAfter } from './plainAnswer.ts';
import { CLOSE, WebSocketConnection } from './webSocketConnection.ts';

export const OPAMP_PATH = '/v1/opamp';

export interface OpampServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly logger: Logger;
  /** PEM. Without it the server speaks plain HTTP and WebSocket. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly limits?: Partial<OpampLimits>;
  /** Archives that agents download. Left out: there are none. */
  readonly packages?: { readonly folder: string; readonly bytesPerSecond: number | null };
}

export interface OpampServer {
  readonly port: number;
  /** What it has done and holds now. The same object for as long as it lives. */
  readonly metrics: Readonly<OpampMetrics>;
  /** Stops listening, says goodbye to every agent and resolves when all sockets are closed. Idempotent. */
  close(): Promise<void>;
}

/**
 * Agents' way in: OpAMP over WebSocket and over plain HTTP, and the artifacts they download, on one listener. Resolves when it
 * listens; rejects when it cannot (the address is in use, the certificate does not fit its key).
 */
export async function startOpampServer(options: OpampServerOptions): Promise<OpampServer> {
  const listener = new Listener(options);
  await listener.listen(options.host, options.port);
  return listener;
}

class Listener implements OpampServer {
  readonly metrics: OpampMetrics = newMetrics();
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #limits: OpampLimits;
  readonly #logger: Logger;
  readonly #packages: PackageRouteOptions | null;
  readonly #server: Server;
  readonly #webSockets: WebSocketServer;
  readonly #agents: OpampAgents;
  readonly #exchange: HttpExchange;
  readonly #connections = new Set<WebSocketConnection>();
  #cancelSweep: () => void = () => {};
  #closing: Promise<void> | null = null;
  #port = 0;

  constructor({ fleet, clock, entropy, logger, tls, limits, packages }: OpampServerOptions) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#logger = logger;
    this.#packages = packages
      ? { folder: packages.folder, bandwidth: new Bandwidth(clock, packages.bytesPerSecond), logger }
      : null;
    const settings = {
      headersTimeout: this.#limits.headerMs,
      requestTimeout: this.#limits.bodyMs,
      connectionsCheckingInterval: Math.min(this.#limits.headerMs, this.#limits.bodyMs, 5_000),
      // Longer than agents' heartbeats, so that a poll finds its connection open.
      keepAliveTimeout: 75_000,
      shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket',
    };
    const onRequest = (request: IncomingMessage, response: ServerResponse) => void this.#onRequest(request, response);
    this.#server = tls
      ? createHttpsServer(
          { ...settings, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: this.#limits.headerMs },
          onRequest,
        )
      : createHttpServer(settings, onRequest);
    // After the listener, which refuses a certificate that does not fit.
    const shared = { fleet, clock, limits: this.#limits, metrics: this.metrics, logger };
    this.#agents = new OpampAgents({ ...shared, entropy });
    this.#exchange = new HttpExchange({ ...shared, agents: this.#agents });
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: this.#limits.receiveBytes,
      perMessageDeflate: false,
    });
    this.#server.maxConnections = this.#limits.sockets;
    this.#server.on('drop', () => this.metrics.throttled++);
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    this.#server.on('clientError', (error: Error & { code?: string }, socket) => this.#onClientError(error, socket));
  }

  get port(): number {
    return this.#port;
  }

  listen(host: string, port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onFailure = (error: Error) => {
      this.#agents.stop();
      reject(error);
    };
    this.#server.once('error', onFailure);
    this.#server.listen({ host, port }, () => {
      this.#port = (this.#server.address() as AddressInfo).port;
      this.#server.off('error', onFailure);
      this.#server.on('error', (error) => this.#logger.error(`the listener for agents failed: ${String(error)}`));
      this.#scheduleSweep();
      resolve();
    });
    return promise;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#cancelSweep();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.close(CLOSE.goingAway, 'the server is stopping');
    this.#server.closeIdleConnections();
    // Agents that do not say goodbye in return are not waited for.
    const cancel = this.#clock.after(GOODBYE_MS, () => {
      for (const connection of this.#connections) connection.drop();
      this.#server.closeAllConnections();
    });
    await closed;
    cancel();
    this.#agents.stop();
  }

  #scheduleSweep(): void {
    this.#cancelSweep = this.#clock.after(this.#limits.sweepMs, () => {
      for (const connection of this.#connections) connection.sweep();
      this.#agents.sweep();
      this.#scheduleSweep();
    });
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!this.#isAdmitted(bearerToken(request))) {
        refuseRequest(request, response, 401, UNAUTHORIZED, { 'WWW-Authenticate': 'Bearer' });
        return;
      }
      const path = pathOf(request);
      if (path.startsWith(ARTIFACTS_PATH)) {
        const options = { fleet: this.#fleet, metrics: this.metrics, logger: this.#logger };
        await serveArtifact(options, request, response, path.slice(ARTIFACTS_PATH.length));
      } else if (this.#packages !== null && path.startsWith(PACKAGES_PATH)) {
        await servePackage(this.#packages, request, response, path.slice(PACKAGES_PATH.length));
      } else if (path !== OPAMP_PATH) {
        refuseRequest(request, response, 404, `agents are served at ${OPAMP_PATH} and ${ARTIFACTS_PATH}`);
      } else if (request.method === 'GET') {
        refuseRequest(request, response, 426, 'expected a WebSocket upgrade, or a POST', {
          Upgrade: 'websocket',
          Connection: 'Upgrade',
        });
      } else if (request.method !== 'POST') {
        refuseRequest(request, response, 405, 'expected a WebSocket upgrade, or a POST', { Allow: 'GET, POST' });
      } else if (mediaType(request) !== PROTOBUF) {
        refuseRequest(request, response, 415, `expected Content-Type ${PROTOBUF}`);
      } else {
        await this.#exchange.serve(request, response);
      }
    } catch (error) {
      this.#logger.error('a request could not be served', {
        error: error instanceof Error ? error.stack : String(error),
      });
      response.destroy();
    }
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const token = bearerToken(request);
    if (!this.#isAdmitted(token)) {
      refuseUpgrade(socket, 401, UNAUTHORIZED, { 'WWW-Authenticate': 'Bearer' });
      return;
    }
    if (pathOf(request) !== OPAMP_PATH) {
      refuseUpgrade(socket, 404, `agents are served at ${OPAMP_PATH}`);
      return;
    }
    if (this.#closing !== null || this.#connections.size >= this.#limits.connections) {
      this.metrics.throttled++;
      refuseUpgrade(socket, 503, 'too many agents are connected', retryAfter(this.#limits));
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      const connection = new WebSocketConnection(webSocket, {
        agents: this.#agents,
        clock: this.#clock,
        limits: this.#limits,
        metrics: this.metrics,
        logger: this.#logger,
        remote: `${(socket as Socket).remoteAddress}:${(socket as Socket).remotePort}`,
        isAdmitted: () => this.#fleet.admits(token ?? ''),
      });
      this.#connections.add(connection);
      webSocket.once('close', () => this.#connections.delete(connection));
    });
  }

  #isAdmitted(token: string | null): boolean {
    if (token !== null && this.#fleet.admits(token)) return true;
    this.metrics.unauthorized++;
    return false;
  }

  #onClientError(error: Error & { code?: string }, socket: Duplex): void {
    this.metrics.malformed++;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    refuseUpgrade(socket, late ? 408 : 400, late ? 'the request did not come in time' : 'this is not an HTTP request');
  }
}

const GOODBYE_MS = 2_000;
const UNAUTHORIZED = "expected an agent's token: Authorization: Bearer <token>";

/** Without its query; percent-encoding undone, `''` where that is not possible. */
function pathOf(request: IncomingMessage): string {
  const [path = ''] = (request.url ?? '').split('?');
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}
