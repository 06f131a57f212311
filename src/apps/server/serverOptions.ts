export interface ServerOptions {
  /** Where the record is kept; made when it is missing. */
  readonly dataDirectory: string;
  /** The HTTP API and the web page. */
  readonly http: ListenAddress;
  /** Where agents connect. */
  readonly opamp: ListenAddress;
  /** PEM files, used by both listeners; `null` is possible on loopback only. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Lets anyone read. Loopback only. */
  readonly anonymousViewer: boolean;
  /** Names under which the HTTP API may be called besides `localhost` and addresses in digits. */
  readonly allowedHosts: readonly string[];
  /** Where a new admin token is written; `null`: to stdout. */
  readonly adminTokenFile: string | null;
  /** Makes another admin token although there is one: for people who lost theirs. */
  readonly newAdminToken: boolean;
  /** Secrets that sources of metrics are asked with. */
  readonly sourceSecrets: readonly SourceSecretFile[];
  /** How many bytes a second all agents together may download packages with; left out: as fast as it goes. */
  readonly packageBytesPerSecond?: number;
  /** Holds the process id while the server is ready. */
  readonly pidFile: string | null;
  readonly logLevel: LogLevel;
  /** Says on stdout that the server is ready as one line of JSON instead of words. */
  readonly json: boolean;
  /** This program's own version. */
  readonly version: string;
}

export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const SERVER_DEFAULTS = {
  dataDirectory: '.ringfence/server',
  http: { host: '127.0.0.1', port: 4600 },
  opamp: { host: '127.0.0.1', port: 4320 },
  logLevel: 'info',
} as const satisfies Partial<ServerOptions>;

/** Where a server writes. stdout: what a person or a launcher waits for; stderr: the log. */
export interface ServerIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** Reads `127.0.0.1:4600`, `[::1]:4600`, `localhost:0`. `null` when it is none. */
export function parseListenAddress(text: string): ListenAddress | null {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? null : { host, port };
}

export function formatListenAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A secret of a source, as it is given on the command line: `prom=/etc/ringfence/prom.secret`. */
export interface SourceSecretFile {
  readonly name: string;
  readonly file: string;
}

/** Reads `NAME=FILE`. `null` when it is none. */
export function parseSourceSecret(text: string): SourceSecretFile | null {
  const [, name, file] = /^([A-Za-z][-A-Za-z0-9._]{0,62})=(.+)$/.exec(text) ?? [];
  return name === undefined || file === undefined ? null : { name, file };
}
