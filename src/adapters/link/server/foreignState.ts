import { createHash } from 'node:crypto';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { DurationMs } from '../../../core/kernel/instant.ts';
import type { TargetReport } from '../../../engine/ports/fleet.ts';
import { AgentCapability, type AgentToServer, RemoteConfigState } from '../../../wire/opamp/generated/opamp_pb.ts';
import { cutText } from '../fieldLimits.ts';
import { componentsOf } from './componentHealth.ts';
import type { Files } from './effectiveConfig.ts';
import type { ForeignConfig } from './foreignConfig.ts';
import { hearPackages, type PackagesState } from './foreignPackages.ts';

/** What an agent that is not ours last said of itself, as far as we use it. */
export interface ForeignState {
  readonly capabilities: bigint;
  /** The hash of the configuration it last received, hexadecimal; empty: it never received one. */
  readonly hash: string;
  readonly state: RemoteConfigState;
  readonly error: string;
  /** Digests of the files it runs with, by name; `null`: it never said. */
  readonly effective: ReadonlyMap<string, Digest> | null;
  /** The same files themselves; `null`: it never said, or they are too long to be kept. */
  readonly running: Files | null;
  /** `null`: it never said. */
  readonly packages: PackagesState | null;
  /** `null`: it never said. */
  readonly health: {
    readonly healthy: boolean;
    readonly detail: string;
    readonly components: NonNullable<TargetReport['components']>;
  } | null;
}

export const UNHEARD: ForeignState = {
  capabilities: 0n,
  hash: '',
  state: RemoteConfigState.UNSET,
  error: '',
  effective: null,
  running: null,
  packages: null,
  health: null,
};

/** What we did, and what came of it: kept for as long as the agent is remembered. */
export interface ForeignMemory {
  /** The configuration last offered, and when. */
  readonly offered: { readonly hash: string; readonly at: DurationMs } | null;
  /** The configuration that it could not apply. Not offered again until another one is desired. */
  readonly failedHash: string | null;
  /** The configuration it last said it had applied. */
  readonly applied: ForeignConfig | null;
  /** What it ran with before we first offered anything. */
  readonly baseline: ForeignState['effective'];
  /** The packages last offered, and when. */
  readonly packagesOffered: { readonly hash: string; readonly at: DurationMs } | null;
}

export const NO_MEMORY: ForeignMemory = {
  offered: null,
  failedHash: null,
  applied: null,
  baseline: null,
  packagesOffered: null,
};

export function can(state: Pick<ForeignState, 'capabilities'>, capability: AgentCapability): boolean {
  return (state.capabilities & BigInt(capability)) !== 0n;
}

/** Takes in a message: what is absent is unchanged, what is present is replaced as a whole. */
export function hear(state: ForeignState, message: AgentToServer): ForeignState {
  const { health, effectiveConfig, remoteConfigStatus: status, packageStatuses } = message;
  return {
    capabilities: message.capabilities === 0n ? state.capabilities : message.capabilities,
    hash: status === undefined ? state.hash : status.lastRemoteConfigHash.toHex(),
    state: status === undefined ? state.state : status.status,
    error: status === undefined ? state.error : cutText(status.errorMessage),
    effective: effectiveConfig === undefined ? state.effective : digestsOf(effectiveConfig.configMap?.configMap ?? {}),
    running: effectiveConfig === undefined ? state.running : keptOf(effectiveConfig.configMap?.configMap ?? {}),
    packages: packageStatuses === undefined ? state.packages : hearPackages(packageStatuses),
    health:
      health === undefined
        ? state.health
        : {
            healthy: health.healthy,
            detail: cutText(health.lastError || health.status),
            components: componentsOf(health),
          },
  };
}

function digestsOf(files: Readonly<Record<string, { readonly body: Uint8Array }>>): ReadonlyMap<string, Digest> {
  const digests = Object.entries(files).map(([name, { body }]): [string, Digest] => [
    name,
    `sha256:${createHash('sha256').update(body).digest('hex')}`,
  ]);
  return new Map(digests);
}

/** Beyond this an agent is believed by its status alone: what is kept of all of them has to end somewhere. */
const RUNNING_BYTES = 256 * 1024;

function keptOf(files: Readonly<Record<string, { readonly body: Uint8Array }>>): Files | null {
  const bodies = Object.entries(files).map(([name, { body }]) => [name, body] as const);
  const bytes = bodies.reduce((sum, [, body]) => sum + body.byteLength, 0);
  // Copies: what came is a part of a whole message, which would be kept along.
  return bytes > RUNNING_BYTES ? null : new Map(bodies.map(([name, body]) => [name, Uint8Array.from(body)]));
}

/** Why configuration cannot be rolled out to this agent, or `null`. What cannot be verified is not begun. */
export function unservable(state: ForeignState): string | null {
  if (!can(state, AgentCapability.ACCEPTS_REMOTE_CONFIG)) return 'the agent does not accept remote configuration';
  const tells =
    can(state, AgentCapability.REPORTS_REMOTE_CONFIG) || can(state, AgentCapability.REPORTS_EFFECTIVE_CONFIG);
  return tells
    ? null
    : 'the agent reports neither the status of its remote configuration nor its effective configuration';
}
