import type { Result } from '../../core/kernel/result.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Host } from '../../engine/ports/host.ts';
import type { AgentReload } from '../../wire/manifest/agent.ts';
import { commandReload } from './commandReload.ts';
import { httpReload } from './httpReload.ts';
import { signalReload } from './signalReload.ts';

/** How a service is made to read its file again, or to start anew. Errors are sentences. */
export interface Reload {
  /** Whether it could be told now. Tells it nothing. */
  ready(): Promise<Result<void, string>>;
  /** Which process would be told: another value is another process. `null` where that cannot be known, or there is none. */
  process(): Promise<string | null>;
  tell(signal: AbortSignal): Promise<Result<void, string>>;
}

export type ReloadMaker<K extends AgentReload['kind']> = (
  spec: Extract<AgentReload, { readonly kind: K }>,
  tools: { readonly host: Host; readonly clock: Clock },
  what: 'reload' | 'restart',
) => Reload;

/** Every way to reload, one file each. */
const RELOADS: { readonly [K in AgentReload['kind']]: ReloadMaker<K> } = {
  signal: signalReload,
  command: commandReload,
  http: httpReload,
};

export function reloadFor(
  spec: AgentReload,
  tools: Parameters<ReloadMaker<'http'>>[1],
  what: 'reload' | 'restart',
): Reload {
  const maker = RELOADS[spec.kind] as ReloadMaker<AgentReload['kind']>;
  return maker(spec, tools, what);
}
