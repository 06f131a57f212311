import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createCalendar } from '../../src/adapters/calendar/createCalendar.ts';
import { systemClock } from '../../src/adapters/clock/systemClock.ts';
import { systemEntropy } from '../../src/adapters/entropy/systemEntropy.ts';
import { flagReader } from '../../src/adapters/flags/flagReader.ts';
import { createHttpServer, type HttpServerOptions } from '../../src/adapters/http/httpServer.ts';
import { createRules } from '../../src/adapters/rules/createRules.ts';
import { createSigner } from '../../src/adapters/signing/createSigner.ts';
import { memoryVault } from '../../src/adapters/signing/testing/memoryVault.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../../src/adapters/store/sqlite/openSqliteStore.ts';
import { contentFaults } from '../../src/apps/server/contentFaults.ts';
import { asPort } from '../../src/apps/server/serverLog.ts';
import { TOKEN_ROLES, type TokenRole } from '../../src/core/policy/authority.ts';
import { createControlPlane } from '../../src/engine/controlplane/createControlPlane.ts';
import { FlagHost } from '../../src/engine/flags/flagHost.ts';
import type { ControlPlane } from '../../src/engine/ports/controlPlane.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body when it is JSON of any kind. */
  readonly body: unknown;
}

export interface Request {
  readonly method?: string;
  readonly path: string;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose token goes with it; an admin's when left out. */
  readonly as?: TokenRole | 'nobody';
}

export interface ApiUnderTest {
  readonly controlPlane: ControlPlane;
  readonly origin: string;
  readonly port: number;
  readonly tokens: Readonly<Record<TokenRole, string>>;
  call(request: Request): Promise<Answer>;
  close(): Promise<void>;
}

/** A real store, control plane and HTTP server on a free port of loopback. */
export async function startApi(
  options: Partial<HttpServerOptions> = {},
  storeOptions: SqliteStoreOptions = {},
): Promise<ApiUnderTest> {
  await using started = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-api-'));
  started.defer(() => rmSync(directory, { recursive: true }));
  const logger = pino({ level: 'silent' });
  const store = await openSqliteStore(directory, storeOptions);
  started.defer(() => store.close());
  const controlPlane = await createControlPlane({
    store,
    clock: systemClock,
    calendar: createCalendar(),
    rules: createRules(),
    contents: contentFaults,
    entropy: systemEntropy,
    signer: await createSigner(memoryVault(), systemEntropy),
    logger: asPort(logger),
  });
  started.defer(() => controlPlane.close());
  const flags = await FlagHost.open({ controlPlane, reader: flagReader, clock: systemClock, logger: asPort(logger) });
  started.defer(() => flags.close());

  const issue = async (role: TokenRole) => (await controlPlane.issueToken('engine', role, `test ${role}`)).secret;
  const issued: [TokenRole, string][] = [];
  for (const role of TOKEN_ROLES) issued.push([role, await issue(role)]);
  const tokens = Object.fromEntries(issued) as Record<TokenRole, string>;
  const server = createHttpServer({
    controlPlane,
    flags,
    logger,
    version: '0.0.0-test',
    anonymousViewer: false,
    allowedHosts: [],
    tls: null,
    webDirectory: join(directory, 'no-web-page'),
    ...options,
  });
  started.defer(() => server.close());
  const port = await server.listen('127.0.0.1', 0);
  const origin = `http://127.0.0.1:${port}`;

  const running = started.move();
  return {
    controlPlane,
    origin,
    port,
    tokens,
    async call({ method = 'GET', path, body, headers = {}, as = 'admin' }) {
      const response = await fetch(origin + path, {
        method,
        redirect: 'manual',
        signal: AbortSignal.timeout(20_000),
        headers: {
          ...(as === 'nobody' ? {} : { authorization: `Bearer ${tokens[as]}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = /json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined };
    },
    close: () => running.disposeAsync(),
  };
}

/** Waits for a condition, as long as a slow machine may need for it. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const bound = Date.now() + 20_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > bound) throw new Error(`waited 20 s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
