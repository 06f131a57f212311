import type { Json } from '../kernel/canonicalJson.ts';
import type { DurationMs } from '../kernel/instant.ts';
import type { Capacity } from './capacity.ts';
import type { MetricSpec } from './metric.ts';
import type { MetricSource } from './metricSource.ts';
import type { TrafficSource } from './traffic.ts';
import type { UserShares } from './userShares.ts';

/** A named thing on a target that holds one revision at a time: `config/frontend`. What stands before the slash is the change kind. */
export type SlotName = string;

export function changeKindOf(slot: SlotName): string {
  return slot.slice(0, slot.indexOf('/'));
}

export interface SlotSpec {
  /** The roles whose targets have this slot. */
  readonly roles: readonly string[];
  /** JSON Schema that a new revision must satisfy before anything moves; `null` for none. */
  readonly schema: Json | null;
  readonly maxBytes: number;
}

/** What runs. Roles are its kinds of member; what is proven on one role proves nothing for another. */
export interface Service {
  readonly name: string;
  readonly roles: readonly string[];
  readonly slots: Readonly<Record<SlotName, SlotSpec>>;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  /** Servers that are asked for some of the metrics, by name; left out: none. */
  readonly sources?: Readonly<Record<string, MetricSource>>;
  /** How late an effect of a request may come, by the longest asynchronous path: no bake is shorter. Left out: at once. */
  readonly asynchronousPathMs?: DurationMs;
  /** From where it is known how much traffic each target takes; left out: nobody knows. */
  readonly traffic?: TrafficSource;
  /** How many of its targets may be unavailable at once (law 11); left out: nobody asks. */
  readonly capacity?: Capacity;
  /** By role: those whose members are parts of its users, and which the server holds itself. Left out: every member is a host or a process. */
  readonly shares?: Readonly<Record<string, UserShares>>;
  /** Names of the services this one needs. */
  readonly dependsOn: readonly string[];
}
