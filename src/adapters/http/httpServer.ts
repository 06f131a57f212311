import type { Server } from 'node:http';
import fastify, {
  type FastifyBaseLogger,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { ControlPlane } from '../../engine/ports/controlPlane.ts';
import type { Flags } from '../../engine/ports/flags.ts';
import type { MetricSources } from '../../engine/ports/metricSources.ts';
import { PROBLEM_MEDIA_TYPE } from '../../wire/http/problem.ts';
import { admit, type Caller } from './access.ts';
import { readJsonBodies } from './bodyParsers.ts';
import { createHostGuard } from './hostGuard.ts';
import { asProblem, HttpProblem } from './httpProblem.ts';
import { LiveHub } from './liveHub.ts';
import { answerMalformedRequest } from './malformedRequest.ts';
import { createMetrics, type Figure, type ServerMetrics } from './metrics.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { artifactRoutes } from './routes/artifacts.ts';
import { blameRoutes } from './routes/blame.ts';
import { callerRoutes } from './routes/caller.ts';
import { catalogRoutes } from './routes/catalogs.ts';
import { changeRoutes } from './routes/changes.ts';
import { eventRoutes } from './routes/events.ts';
import { freezeRoutes } from './routes/freezes.ts';
import { haltRoutes } from './routes/halt.ts';
import { healthRoutes } from './routes/health.ts';
import { judgeRoutes } from './routes/judge.ts';
import { keyRoutes } from './routes/keys.ts';
import { logRoutes } from './routes/log.ts';
import { manifestRoutes } from './routes/manifests.ts';
import { ofrepRoutes } from './routes/ofrep.ts';
import { otlpRoutes } from './routes/otlp.ts';
import { pastRoutes } from './routes/past.ts';
import { pipelineRoutes } from './routes/pipelines.ts';
import { rolloutRoutes } from './routes/rollouts.ts';
import { serviceRoutes } from './routes/services.ts';
import { sessionRoutes } from './routes/session.ts';
import { sourceRoutes } from './routes/sources.ts';
import { targetRoutes } from './routes/targets.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { Sessions } from './sessions.ts';
import { unknownRoute } from './unknownRoute.ts';
import { serveWebPage } from './webPage.ts';

export interface HttpServerOptions {
  readonly controlPlane: ControlPlane;
  /** Left out: this server evaluates none. */
  readonly flags?: Flags;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Lets anyone read what a viewer may read. */
  readonly anonymousViewer: boolean;
  /** Names under which this server may be called, besides `localhost` and addresses in digits. */
  readonly allowedHosts: readonly string[];
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** The folder of the console, built. */
  readonly webDirectory: string;
  /** Exposed beside the server's own. */
  readonly figures?: readonly Figure[];
  /** Where metrics come from besides the agents; left out: nowhere. */
  readonly sources?: MetricSources;
  readonly heartbeatMs?: number;
  readonly mostStreams?: number;
}

export interface HttpServer {
  /** Resolves with the port; rejects with the system's error (`EADDRINUSE` …). */
  listen(host: string, port: number): Promise<number>;
  /** Ends the live streams, lets running requests finish, and closes. */
  close(): Promise<void>;
}

const NO_SOURCES: MetricSources = { views: () => [], take: () => ({ rejected: 0, says: '' }) };

/** The HTTP API and the web page of one control plane. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { controlPlane, flags, logger, version, webDirectory, heartbeatMs = 15_000, mostStreams = 256 } = options;
  const app = createApp(options);
  const hub = new LiveHub(controlPlane, { heartbeatMs, mostClients: mostStreams });
  const metrics = createMetrics(controlPlane, () => hub.clients, options.figures ?? []);

  const sessions = new Sessions(controlPlane);
  guard(app, options, sessions);
  recordRequests(app, metrics);
  readJsonBodies(app);
  app.register(async (scope) => manifestRoutes(scope, controlPlane));
  serviceRoutes(app, controlPlane);
  pipelineRoutes(app, controlPlane);
  const sources = options.sources ?? NO_SOURCES;
  sourceRoutes(app, sources);
  app.register(async (scope) => otlpRoutes(scope, controlPlane, sources));
  catalogRoutes(app, controlPlane);
  changeRoutes(app, controlPlane);
  artifactRoutes(app, controlPlane);
  targetRoutes(app, controlPlane);
  rolloutRoutes(app, controlPlane);
  judgeRoutes(app, controlPlane);
  pastRoutes(app, controlPlane);
  approvalRoutes(app, controlPlane);
  haltRoutes(app, controlPlane);
  freezeRoutes(app, controlPlane);
  logRoutes(app, controlPlane);
  eventRoutes(app, controlPlane, hub, sessions);
  keyRoutes(app, controlPlane);
  blameRoutes(app, controlPlane);
  callerRoutes(app, controlPlane);
  sessionRoutes(app, controlPlane, sessions, options.anonymousViewer);
  tokenRoutes(app, controlPlane);
  if (flags !== undefined) app.register(async (scope) => ofrepRoutes(scope, flags));
  healthRoutes(app, controlPlane, metrics, version);
  const page = serveWebPage(app, webDirectory);
  if (page.paths.length === 0) logger.warn({ webDirectory }, 'there is no console to serve');

  app.setNotFoundHandler((request, reply) => {
    if (page.answer(request, reply)) return reply;
    throw unknownRoute(request.method, pathOf(request.url), page.paths);
  });

  return {
    async listen(host, port) {
      await app.listen({ host, port });
      const address = app.server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    async close() {
      hub.close();
      sessions.close();
      await app.close();
    },
  };
}

function createApp({ logger, tls }: HttpServerOptions): FastifyInstance {
  const settings: FastifyHttpOptions<Server> = {
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Long names are answered by the schemas, in the same words as other mistakes.
    routerOptions: { maxParamLength: 16_384 },
    requestTimeout: 120_000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerMalformedRequest,
    frameworkErrors: (error, request, reply) => {
      const { body } = asProblem(error, request);
      const answer: FastifyReply = reply;
      answer.code(body.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
    },
  };
  const secured =
    tls === null ? settings : { ...settings, https: { cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' } };
  const app = fastify(secured as FastifyHttpOptions<Server>) as unknown as FastifyInstance;
  app.setErrorHandler((error, request, reply) => {
    const { body, headers } = asProblem(error, request);
    if (body.code === 'internal') request.log.error({ err: error }, 'a request met a mistake of ours');
    return reply.headers(headers).code(body.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
  });
  return app;
}

/** Everything that is checked before anything of a request's body is read. */
function guard(
  app: FastifyInstance,
  { controlPlane, anonymousViewer, allowedHosts }: HttpServerOptions,
  sessions: Sessions,
): void {
  const checkHost = createHostGuard(allowedHosts);
  app.decorateRequest('caller', null as unknown as Caller);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    checkHost(request.headers.host);
    const { operation } = request.routeOptions.config;
    if (operation === undefined) return;
    request.caller = admit({ controlPlane, sessions, anonymousViewer }, operation, request);
    const encoding = request.headers['content-encoding'];
    if (
      request.method !== 'GET' &&
      operation.rawBodies === undefined &&
      encoding !== undefined &&
      encoding !== 'identity'
    ) {
      throw new HttpProblem(
        'unsupported-media-type',
        `a body with content-encoding "${encoding}" is not read; send it as it is`,
      );
    }
  });
}

/** Figures for every request; a line in the log for those that change something, and for our own mistakes. */
function recordRequests(app: FastifyInstance, metrics: ServerMetrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const { url } = request.routeOptions;
    const { statusCode } = reply;
    const ms = reply.elapsedTime;
    metrics.observeRequest(url === undefined ? 'any' : request.method, url ?? 'unknown', statusCode, ms / 1000);
    const line = {
      method: request.method,
      path: pathOf(request.url),
      status: statusCode,
      ms: Math.round(ms),
      actor: request.caller?.actor,
    };
    if (statusCode >= 500) request.log.error(line, 'request failed');
    else if (isReading(request)) request.log.debug(line, 'request');
    else request.log.info(line, 'request');
  });
}

/** Changes nothing, and may come often. */
function isReading({ method, routeOptions }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD' || routeOptions.config.operation?.access === 'evaluateFlags';
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
