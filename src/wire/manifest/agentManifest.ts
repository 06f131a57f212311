import { z } from 'zod';
import { assert } from '../../core/kernel/assert.ts';
import {
  type AgentCheck,
  type AgentProbe,
  type AgentReload,
  type AgentSlot,
  type AgentSpec,
  RELOAD_METHODS,
  RELOAD_SIGNALS,
} from './agent.ts';
import { envelope } from './envelope.ts';
import { always, asMapping, distinct, entries, fields, list, mistake, variants } from './fields.ts';
import {
  duration,
  filePath,
  labelValue,
  name,
  oneOf,
  pattern,
  slotName,
  text,
  url,
  wholeNumber,
  word,
} from './scalars.ts';

const command = list('a list of the program and its arguments; no shell reads them', text, 256);
const serviceUrl = url(['http', 'https']);
const span = duration('24h');

const reload = variants('a mapping with signal, command or http', ['signal', 'command', 'http'], {
  signal: oneOf(RELOAD_SIGNALS).optional(),
  pidFile: filePath.optional().describe('the file that holds the id of the process to signal'),
  command: command.optional(),
  http: fields('a mapping with url and method', {
    url: serviceUrl,
    method: oneOf(RELOAD_METHODS).default('POST'),
  }).optional(),
  timeout: span.optional().describe('how long the command or the request may take; 10s if left out'),
}).superRefine((found: unknown, sink) => {
  const { signal, pidFile, timeout } = asMapping(found);
  if (signal !== undefined && pidFile === undefined) {
    mistake(sink, ['pidFile'], 'the file that holds the id of the process to signal');
  }
  if (signal === undefined && pidFile !== undefined) {
    mistake(sink, ['pidFile'], 'it only with a signal', { name: true, found: 'pidFile' });
  }
  if (signal !== undefined && timeout !== undefined) {
    mistake(sink, ['timeout'], 'none with a signal, which waits for nothing', { name: true, found: 'a timeout' });
  }
}, always);

const verify = fields('a mapping with http and within', {
  http: fields('a mapping with url and sha256Field', {
    url: serviceUrl,
    sha256Field: pattern(
      'the name of the field that holds the SHA-256, such as digest or config.digest',
      /^[^.]+(?:\.[^.]+)*$/,
    ),
  }),
  within: span
    .default(10_000)
    .describe('how long the service may take to say that it holds the new revision; 10s if left out'),
});

const slot = fields('a mapping with file, and mode, reload, restart and verify as needed', {
  file: filePath,
  mode: pattern('permission bits in quotes, such as "0644"', /^0?[0-7]{3}$/).optional(),
  reload: reload.optional().describe('how the service is made to read the file again; left out: it watches the file'),
  restart: reload
    .optional()
    .describe(
      'how the service is started anew, when going back and a reload is not enough; left out: it is reloaded again',
    ),
  verify: verify.optional().describe('how the running service says what it holds; left out: the file is read back'),
  watchFor: span
    .default(30_000)
    .describe('how long after its confirmation a failing check still takes a new revision back; 30s if left out'),
});

const check = variants('a mapping with name and http, tcp or exec', ['http', 'tcp', 'exec'], {
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
  every: span.default(10_000).describe('10s if left out'),
  timeout: span.default(2_000).describe('2s if left out'),
  failures: wholeNumber(1, 1000)
    .default(3)
    .describe('how many failures in a row make the service unhealthy; 3 if left out'),
});

const publicKey = pattern('a public key: 64 hexadecimal digits, as "ringfence key list" shows it', /^[0-9a-f]{64}$/);

const spec = fields('a mapping with server, tokenFile, directory, service and slots', {
  server: url(['ws', 'wss', 'http', 'https']).describe('the OpAMP endpoint, such as ws://127.0.0.1:4320/v1/opamp'),
  tokenFile: filePath.describe('a file with the agent token in it'),
  directory: filePath.describe("the agent's own: its identity, journal and kept revisions"),
  service: name,
  role: name.optional().describe("left out: the service's only role"),
  labels: entries('a mapping of labels', word, labelValue, 0).default({}),
  slots: entries('a mapping of one slot or more', slotName, slot, 1),
  trust: fields('a mapping with keys or keysFile', {
    keys: list('a list of public keys', publicKey, 64).optional(),
    keysFile: filePath.optional().describe('a file with one public key a line'),
  })
    .optional()
    .describe(
      'the signing keys this agent believes (ringfence key list shows them); left out: those of the first server it meets',
    ),
  guard: fields('a mapping with neverFirst', {
    neverFirst: z
      .boolean({ error: 'true or false' })
      .default(false)
      .describe('true: this target refuses to be in the first stage of a rollout'),
  })
    .optional()
    .describe('what this target never does, whatever a server says'),
  checks: list('a list of checks', check, 50)
    .superRefine(...distinct('a name', (item) => asMapping(item).name, ['name']))
    .optional(),
  metrics: fields('a mapping with url and every', { url: serviceUrl, every: span.default(10_000) })
    .optional()
    .describe("the service's Prometheus exposition"),
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
    trust: { keys: spec.trust?.keys ?? [], keysFile: spec.trust?.keysFile ?? null },
    guard: { neverFirst: spec.guard?.neverFirst ?? false },
    checks: (spec.checks ?? []).map(toAgentCheck),
    metrics: spec.metrics === undefined ? null : { url: spec.metrics.url, everyMs: spec.metrics.every },
  };
}

function toAgentSlot({ file, mode, reload, restart, verify, watchFor }: SlotManifest): AgentSlot {
  return {
    file,
    mode: mode === undefined ? null : Number.parseInt(mode, 8),
    reload: reload === undefined ? null : toReload(reload),
    restart: restart === undefined ? null : toReload(restart),
    verify:
      verify === undefined
        ? null
        : { kind: 'http', url: verify.http.url, sha256Field: verify.http.sha256Field, withinMs: verify.within },
    watchForMs: watchFor,
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
