import type { DurationMs } from '../../core/kernel/instant.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Labels } from '../../core/topology/target.ts';
import type { AgentSlot } from './slot/agentSlots.ts';

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
  readonly trust: AgentTrust;
  readonly guard: AgentGuard;
  readonly checks: readonly AgentCheck[];
  readonly metrics: AgentMetrics | null;
}

/** Whose permits the agent believes: public keys in hexadecimal. None at all: those of the first server it meets. */
export interface AgentTrust {
  readonly keys: readonly string[];
  /** One key a line; `#` begins a comment. */
  readonly keysFile: string | null;
}

/** What this target never does, whatever a server says. */
export interface AgentGuard {
  /** It is never in the first stage of a rollout: a server that has lost its rings is refused. */
  readonly neverFirst: boolean;
}

/** How a service is told something: to read its file again, or to start anew. */
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
