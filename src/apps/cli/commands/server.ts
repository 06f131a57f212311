import { runServer } from '../../server/runServer.ts';
import {
  type ListenAddress,
  type LogLevel,
  SERVER_DEFAULTS,
  type SourceSecretFile,
} from '../../server/serverOptions.ts';
import { CliError } from '../cliError.ts';
import type { Run } from '../tree/runner.ts';
import { readVersion } from '../version.ts';

interface Given {
  readonly data: string;
  readonly http: ListenAddress;
  readonly opamp: ListenAddress;
  readonly port?: number;
  readonly opampPort?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly allowHost?: readonly string[];
  readonly anonymousViewer?: true;
  readonly adminTokenFile?: string;
  readonly newAdminToken?: true;
  readonly sourceSecret?: readonly SourceSecretFile[];
  readonly packageRate?: number;
  readonly pidFile?: string;
  readonly logLevel: LogLevel;
}

export const server: Run<Given, []> = async ({ output }, given) => {
  const code = await runServer(
    {
      dataDirectory: given.data,
      http: given.port === undefined ? given.http : { ...SERVER_DEFAULTS.http, port: given.port },
      opamp: given.opampPort === undefined ? given.opamp : { ...SERVER_DEFAULTS.opamp, port: given.opampPort },
      tls: tlsFiles(given),
      anonymousViewer: given.anonymousViewer ?? false,
      allowedHosts: given.allowHost ?? [],
      adminTokenFile: given.adminTokenFile ?? null,
      newAdminToken: given.newAdminToken ?? false,
      sourceSecrets: given.sourceSecret ?? [],
      ...(given.packageRate === undefined ? {} : { packageBytesPerSecond: given.packageRate }),
      pidFile: given.pidFile ?? null,
      logLevel: given.logLevel,
      json: output.json,
      version: readVersion(),
    },
    process,
  );
  return code === 0 ? 'done' : 'unexpected';
};

function tlsFiles({ tlsCert, tlsKey }: Given): { certFile: string; keyFile: string } | null {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert !== undefined && tlsKey !== undefined) return { certFile: tlsCert, keyFile: tlsKey };
  const missing = tlsCert === undefined ? '--tls-cert' : '--tls-key';
  throw new CliError('usage', `TLS needs a certificate and its key, and ${missing} is missing`, {
    remedy: `Give ${missing} FILE as well.`,
  });
}
