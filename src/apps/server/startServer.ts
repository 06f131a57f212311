import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCalendar } from '../../adapters/calendar/createCalendar.ts';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import { systemEntropy } from '../../adapters/entropy/systemEntropy.ts';
import { flagReader } from '../../adapters/flags/flagReader.ts';
import { createHttpServer } from '../../adapters/http/httpServer.ts';
import { OPAMP_PATH, startOpampServer } from '../../adapters/link/server/opampServer.ts';
import { createRules } from '../../adapters/rules/createRules.ts';
import { checkpointFile } from '../../adapters/signing/checkpointFile.ts';
import { createSigner } from '../../adapters/signing/createSigner.ts';
import { keyFiles } from '../../adapters/signing/keyFiles.ts';
import { openSqliteStore } from '../../adapters/store/sqlite/openSqliteStore.ts';
import { createControlPlane } from '../../engine/controlplane/createControlPlane.ts';
import { FlagHost } from '../../engine/flags/flagHost.ts';
import { ensureAdminToken } from './adminToken.ts';
import { contentFaults } from './contentFaults.ts';
import { refuseExposure } from './exposure.ts';
import { listenProblem } from './listenProblem.ts';
import { opampFigures } from './opampFigures.ts';
import { asPort, createLog } from './serverLog.ts';
import { formatListenAddress, type ServerIo, type ServerOptions } from './serverOptions.ts';
import { readSourceSecrets } from './sourceSecrets.ts';
import { startSources } from './startSources.ts';
import { readTlsFiles } from './tlsFiles.ts';

export interface RunningServer {
  /** Of the HTTP API and the web page. */
  readonly httpUrl: string;
  /** What agents are pointed to. */
  readonly opampUrl: string;
  /** Whether an admin token was made, and the token itself unless it went to a file. */
  readonly adminToken: { readonly shown: string | null } | null;
  /** Resolves, with a sentence, when another control plane has taken over: this one is of no use any more. */
  readonly overtaken: Promise<string>;
  /** Takes nothing new, finishes what runs, and releases everything. Idempotent. */
  close(): Promise<void>;
}

/** In a clone the console is built beside `src/` when it is first needed; a published package holds it beside the other folders of `dist/`. */
const WEB_DIRECTORY = new URL(
  import.meta.url.endsWith('.ts') ? '../../../build/console' : '../../web',
  import.meta.url,
);

/**
 * A whole control plane: the record, the engine, the agents' listener and the HTTP API. Rejects with a StartupError, a
 * StoreError or a SignerError, whose message is for people, having released everything again.
 */
export async function startServer(options: ServerOptions, io: Pick<ServerIo, 'stderr'>): Promise<RunningServer> {
  refuseExposure(options);
  const { http, opamp, version } = options;
  const log = createLog(options.logLevel, io.stderr);
  const tls = options.tls === null ? null : readTlsFiles(options.tls, asPort(log));

  const secrets = readSourceSecrets(options.sourceSecrets);

  await using started = new AsyncDisposableStack();
  const store = await openSqliteStore(options.dataDirectory);
  started.defer(() => store.close());
  // Beside the record, not in it: whoever can change the record can sign nothing with it.
  const keysFolder = join(options.dataDirectory, 'keys');
  const signer = await createSigner(keyFiles(keysFolder), systemEntropy);
  const controlPlane = await createControlPlane({
    store,
    clock: systemClock,
    calendar: createCalendar(),
    rules: createRules(),
    contents: contentFaults,
    entropy: systemEntropy,
    signer,
    witness: checkpointFile(keysFolder),
    logger: asPort(log.child({ part: 'engine' })),
  });
  started.defer(() => controlPlane.close());
  const flags = await FlagHost.open({
    controlPlane,
    reader: flagReader,
    clock: systemClock,
    logger: asPort(log.child({ part: 'flags' })),
  });
  started.defer(() => flags.close());

  const sources = startSources({
    controlPlane,
    clock: systemClock,
    entropy: systemEntropy,
    logger: asPort(log.child({ part: 'sources' })),
    secrets,
  });
  started.defer(() => sources.close());

  const opampServer = await startOpampServer({
    ...opamp,
    fleet: controlPlane.fleet,
    clock: systemClock,
    entropy: systemEntropy,
    logger: log.child({ part: 'link' }),
    packages: {
      folder: join(options.dataDirectory, 'packages'),
      bytesPerSecond: options.packageBytesPerSecond ?? null,
    },
    ...(tls === null ? {} : { tls }),
  }).catch(async (error: unknown) => {
    throw await listenProblem(error, { what: "agents' listener", address: opamp, option: '--opamp', http });
  });
  started.defer(() => opampServer.close());

  const httpServer = createHttpServer({
    controlPlane,
    flags,
    logger: log.child({ part: 'http' }),
    version,
    anonymousViewer: options.anonymousViewer,
    allowedHosts: [http.host, ...options.allowedHosts],
    tls,
    webDirectory: fileURLToPath(WEB_DIRECTORY),
    figures: opampFigures(opampServer.metrics),
    sources,
  });
  started.defer(() => httpServer.close());
  const httpPort = await httpServer.listen(http.host, http.port).catch(async (error: unknown) => {
    throw await listenProblem(error, { what: 'HTTP API', address: http, option: '--http', http });
  });

  // Last, so that a start which fails leaves no token behind that nobody has seen.
  const adminToken = await ensureAdminToken(controlPlane, {
    file: options.adminTokenFile,
    renew: options.newAdminToken,
  });
  const secured = tls === null ? '' : 's';
  const running = started.move();
  return {
    httpUrl: `http${secured}://${formatListenAddress({ host: http.host, port: httpPort })}`,
    opampUrl: `ws${secured}://${formatListenAddress({ host: opamp.host, port: opampServer.port })}${OPAMP_PATH}`,
    adminToken,
    overtaken: controlPlane.overtaken,
    close: () => running.disposeAsync(),
  };
}
