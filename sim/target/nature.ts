import type { DurationMs } from '../../src/core/kernel/instant.ts';
import type { Target } from '../../src/core/topology/target.ts';

/** What a revision really is, which nobody in the simulated system knows. */
export interface Nature {
  readonly kind: 'good' | 'crash' | 'errors' | 'flap' | 'deaf';
  /** How long it must run before it shows. */
  readonly afterMs: DurationMs;
  /** Of `errors`: how many requests fail; of `flap`: how many health checks. */
  readonly share: number;
  /** It shows only while the service has much to do. */
  readonly underLoad: boolean;
  /** It shows only where the label, or the role, has this value; `null`: everywhere. */
  readonly only: { readonly label: string; readonly value: string } | null;
}

export const GOOD: Nature = { kind: 'good', afterMs: 0, share: 0, underLoad: false, only: null };

/** Load from here on is much. */
export const HIGH_LOAD = 1.5;

export function showsAt(
  nature: Nature,
  target: Pick<Target, 'role' | 'labels'>,
  ranMs: DurationMs,
  load: number,
): boolean {
  if (nature.kind === 'good' || ranMs < nature.afterMs) return false;
  if (nature.underLoad && load < HIGH_LOAD) return false;
  const { only } = nature;
  return only === null || (only.label === 'role' ? target.role : target.labels[only.label]) === only.value;
}

export function sayNature({ kind, afterMs, share, underLoad, only }: Nature): string {
  if (kind === 'good') return 'good';
  const words = {
    crash: 'fails its health check',
    errors: `fails ${Math.round(share * 100)}% of requests`,
    flap: `fails ${Math.round(share * 100)}% of its health checks`,
    deaf: 'never reads its configuration again',
  };
  const late = afterMs === 0 ? '' : `, ${Math.round(afterMs / 1000)} s after it came into force`;
  const loaded = underLoad ? ', only under load' : '';
  const where = only === null ? '' : `, only where ${only.label} is ${only.value}`;
  return `${words[kind]}${late}${loaded}${where}`;
}
