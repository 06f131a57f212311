import { z } from 'zod';
import { assert } from '../../core/kernel/assert.ts';
import type { AgentCheck, AgentProbe, AgentSpec } from './agent.ts';
import { envelope } from './envelope.ts';
import { asMapping, distinct, entries, fields, list, variants } from './fields.ts';
import { filePath, labelValue, name, pattern, url, wholeNumber, word } from './scalars.ts';
import { agentSlots, toAgentSlots } from './slot/agentSlots.ts';
import { command, serviceUrl, span } from './slot/serviceTelling.ts';

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
  slots: agentSlots,
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
});

export const agentManifest = envelope('Agent', spec);

type AgentManifest = z.output<typeof agentManifest>;

export function toAgent({ metadata, spec }: AgentManifest): AgentSpec {
  return {
    name: metadata.name,
    server: spec.server,
    tokenFile: spec.tokenFile,
    directory: spec.directory,
    service: spec.service,
    role: spec.role ?? null,
    labels: spec.labels,
    slots: toAgentSlots(spec.slots),
    trust: { keys: spec.trust?.keys ?? [], keysFile: spec.trust?.keysFile ?? null },
    guard: { neverFirst: spec.guard?.neverFirst ?? false },
    checks: (spec.checks ?? []).map(toAgentCheck),
    metrics: spec.metrics === undefined ? null : { url: spec.metrics.url, everyMs: spec.metrics.every },
  };
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
