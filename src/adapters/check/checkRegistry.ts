import type { Host } from '../../engine/ports/host.ts';
import type { LocalCheck } from '../../engine/ports/localCheck.ts';
import type { AgentCheck, AgentProbe } from '../../wire/manifest/agent.ts';
import { execCheck } from './execCheck.ts';
import { httpCheck } from './httpCheck.ts';
import { tcpCheck } from './tcpCheck.ts';

/** How one kind of local check asks. */
export type CheckMaker<K extends AgentProbe['kind']> = (
  probe: Extract<AgentProbe, { readonly kind: K }>,
  timeoutMs: number,
  host: Host,
) => LocalCheck['run'];

/** Every kind of local check, one file each. */
const CHECKS: { readonly [K in AgentProbe['kind']]: CheckMaker<K> } = {
  http: httpCheck,
  tcp: tcpCheck,
  exec: execCheck,
};

export function localCheck({ name, probe, everyMs, timeoutMs, failures }: AgentCheck, host: Host): LocalCheck {
  const maker = CHECKS[probe.kind] as CheckMaker<AgentProbe['kind']>;
  return { name, everyMs, failures, run: maker(probe, timeoutMs, host) };
}
