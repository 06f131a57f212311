import { z } from 'zod';
import { assert } from '../../core/kernel/assert.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Labels } from '../../core/topology/target.ts';
import { envelope } from './envelope.ts';
import { always, asMapping, distinct, entries, exactlyOne, fields, list, mistake } from './fields.ts';
import { duration, filePath, labelValue, name, pattern, slotName, url, wholeNumber, word } from './scalars.ts';

/**
 * The agent's own local file, read. It is never sent to the server. Paths stand as they were written: relative ones are meant
 * from the folder of the manifest's file, and whoever loads the file resolves them.
 */
export interface AgentSpec {
  /** The target's name. */
  readonly name: string;
  /** `ws:`, `wss:`, `http:` or `https:`; the OpAMP endpoint. */
  readonly server: string;
  readonly tokenFile: string;
  /** Where the agent keeps its identity, journal and revisions. */
  readonly directory: string;
  readonly service: string;
  /** `null` when left out: the service's only role, which the server knows. */
  readonly role: string | null;
  readonly labels: Labels;
  readonly slots: Readonly<Record<SlotName, AgentSlot>>;
  readonly checks: readonly AgentCheck[];
  readonly metrics: AgentMetrics | null;
}

/** Where a slot lives on this target, and how a new revision of it is brought into force and read back. */
export interface AgentSlot {
  readonly file: string;
  /** Permission bits, e.g. 0o644; `null` keeps those the file has. */
  readonly mode: number | null;
  /** `null`: the service watches the file by itself. */
  readonly reload: AgentReload | null;
  /** `null`: the file is read back. */
  readonly verify: AgentVerify | null;
}

export type AgentReload =
  | { readonly kind: 'signal'; readonly signal: ReloadSignal; readonly pidFile: string }
  /** The program and its arguments; no shell reads them. */
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly timeoutMs: DurationMs }
  | { readonly kind: 'http'; readonly url: string; readonly method: ReloadMethod; readonly timeoutMs: DurationMs };

export const RELOAD_SIGNALS = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGWINCH'] as const;
export type ReloadSignal = (typeof RELOAD_SIGNALS)[number];

export const RELOAD_METHODS = ['POST', 'PUT', 'GET'] as const;
export type ReloadMethod = (typeof RELOAD_METHODS)[number];

/** The running service says what it holds: a JSON document at `url` whose `sha256Field` is the hexadecimal SHA-256 of its bytes. */
export interface AgentVerify {
  readonly kind: 'http';
  readonly url: string;
  /** A member of the document; dots go into members: `config.digest`. */
  readonly sha256Field: string;
  /** How long the service may take until it says so. */
  readonly withinMs: DurationMs;
}

export type AgentProbe =
  | { readonly kind: 'http'; readonly url: string; readonly status: number }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** Healthy when it ends with 0. The program and its arguments; no shell reads them. */
  | { readonly kind: 'exec'; readonly command: readonly string[] };

/** A local check of the service's health. `failures` in a row make it unhealthy; one success makes it healthy again. */
export interface AgentCheck {
  readonly name: string;
  readonly probe: AgentProbe;
  readonly everyMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly failures: number;
}

/** The service's Prometheus exposition. */
export interface AgentMetrics {
  readonly url: string;
  readonly everyMs: DurationMs;
}

const command = list('a list of the program and its arguments', z.string({ error: 'a text' }), 256);
const serviceUrl = url(['http', 'https']);
const span = duration('24h');

const reload = fields('a mapping with signal, command or http', {
  signal: z.enum(RELOAD_SIGNALS, { error: RELOAD_SIGNALS.join(', ') }).optional(),
  pidFile: filePath.optional(),
  command: command.optional(),
  http: fields('a mapping with url and method', {
    url: serviceUrl,
    method: z.enum(RELOAD_METHODS, { error: RELOAD_METHODS.join(', ') }).default('POST'),
  }).optional(),
  timeout: span.optional(),
})
  .superRefine(...exactlyOne(['signal', 'command', 'http']))
  .superRefine((found: unknown, sink) => {
    const { signal, pidFile, timeout } = asMapping(found);
    if (signal !== undefined && pidFile === undefined)
      mistake(sink, ['pidFile'], 'the file that holds the id of the process to signal');
    if (signal === undefined && pidFile !== undefined)
      mistake(sink, ['pidFile'], 'no pidFile without a signal', { name: true });
    if (signal !== undefined && timeout !== undefined)
      mistake(sink, ['timeout'], 'no timeout with a signal: sending it does not wait', { name: true });
  }, always);

const verify = fields('a mapping with http and within', {
  http: fields('a mapping with url and sha256Field', {
    url: serviceUrl,
    sha256Field: pattern('the name of a field, such as digest', /^[^.]+(?:\.[^.]+)*$/),
  }),
  within: span.default(10_000),
});

const slot = fields('a mapping with file, and mode, reload and verify as needed', {
  file: filePath,
  mode: pattern('permission bits in quotes, such as "0644"', /^0?[0-7]{3}$/).optional(),
  reload: reload.optional(),
  verify: verify.optional(),
});

const check = fields('a mapping with name and http, tcp or exec', {
  name: word,
  http: fields('a mapping with url and status', {
    url: serviceUrl,
    status: wholeNumber(100, 599).default(200),
  }).optional(),
  tcp: fields('a mapping with host and port', {
    host: pattern('a host name or address', /^[^\s]{1,255}$/),
    port: wholeNumber(1, 65535),
  }).optional(),
  exec: fields('a mapping with command', { command }).optional(),
  every: span.default(10_000),
  timeout: span.default(2_000),
  failures: wholeNumber(1, 1000).default(3),
}).superRefine(...exactlyOne(['http', 'tcp', 'exec']));

const spec = fields('a mapping with server, tokenFile, directory, service and slots', {
  server: url(['ws', 'wss', 'http', 'https']),
  tokenFile: filePath,
  directory: filePath,
  service: name,
  role: name.optional(),
  labels: entries('a mapping of labels', word, labelValue, 0).default({}),
  slots: entries('a mapping of one slot or more', slotName, slot, 1),
  checks: list('a list of checks', check, 50)
    .superRefine(...distinct('a name', (item) => asMapping(item).name, ['name']))
    .optional(),
  metrics: fields('a mapping with url and every', { url: serviceUrl, every: span.default(10_000) }).optional(),
}).superRefine(slotsHaveFilesOfTheirOwn, always);

function slotsHaveFilesOfTheirOwn(found: unknown, sink: Parameters<typeof mistake>[0]): void {
  const ownerOf = new Map<unknown, string>();
  for (const [slotName, slot] of Object.entries(asMapping(asMapping(found).slots))) {
    const { file } = asMapping(slot);
    const owner = ownerOf.get(file);
    if (owner !== undefined) mistake(sink, ['slots', slotName, 'file'], `another file than ${owner} has`);
    else if (file !== undefined) ownerOf.set(file, slotName);
  }
}

export const agentManifest = envelope('Agent', spec);

type AgentManifest = z.output<typeof agentManifest>;
type SlotManifest = AgentManifest['spec']['slots'][string];

export function toAgent({ metadata, spec }: AgentManifest): AgentSpec {
  return {
    name: metadata.name,
    server: spec.server,
    tokenFile: spec.tokenFile,
    directory: spec.directory,
    service: spec.service,
    role: spec.role ?? null,
    labels: spec.labels,
    slots: Object.fromEntries(Object.entries(spec.slots).map(([slot, written]) => [slot, toAgentSlot(written)])),
    checks: (spec.checks ?? []).map(toAgentCheck),
    metrics: spec.metrics === undefined ? null : { url: spec.metrics.url, everyMs: spec.metrics.every },
  };
}

function toAgentSlot({ file, mode, reload, verify }: SlotManifest): AgentSlot {
  return {
    file,
    mode: mode === undefined ? null : Number.parseInt(mode, 8),
    reload: reload === undefined ? null : toReload(reload),
    verify:
      verify === undefined
        ? null
        : { kind: 'http', url: verify.http.url, sha256Field: verify.http.sha256Field, withinMs: verify.within },
  };
}

function toReload({ signal, pidFile, command, http, timeout = 10_000 }: z.output<typeof reload>): AgentReload {
  if (signal !== undefined && pidFile !== undefined) return { kind: 'signal', signal, pidFile };
  if (command !== undefined) return { kind: 'command', command, timeoutMs: timeout };
  assert(http !== undefined, 'the schema lets through exactly one way to reload');
  return { kind: 'http', url: http.url, method: http.method, timeoutMs: timeout };
}

function toAgentCheck({ name, http, tcp, exec, every, timeout, failures }: z.output<typeof check>): AgentCheck {
  return { name, probe: toProbe(http, tcp, exec), everyMs: every, timeoutMs: timeout, failures };
}

function toProbe(
  http: { url: string; status: number } | undefined,
  tcp: { host: string; port: number } | undefined,
  exec: { command: string[] } | undefined,
): AgentProbe {
  if (http !== undefined) return { kind: 'http', ...http };
  if (tcp !== undefined) return { kind: 'tcp', ...tcp };
  assert(exec !== undefined, 'the schema lets through exactly one probe');
  return { kind: 'exec', ...exec };
}
