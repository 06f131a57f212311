import { useSyncExternalStore } from 'react';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';

/** How one check went, as far as it was watched: one entry a moment, oldest first. */
export interface Series {
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number[];
  readonly estimate: (number | null)[];
  readonly lower: (number | null)[];
  readonly upper: (number | null)[];
}

/** A series is thinned to half when it gets longer: what is far away needs fewer points. */
const MOST_POINTS = 720;

/** Confidence sequences as they pass by on the stream: for each rollout, stage, role and check. */
export class VerdictSeries {
  readonly #series = new Map<string, Series>();
  #version = 0;
  readonly #listeners = new Set<() => void>();

  of(rollout: string, stage: number, role: string, check: string): Series | null {
    return this.#series.get(keyOf(rollout, stage, role, check)) ?? null;
  }

  take({ rollout, verdicts }: RolloutViewBody, now: number): void {
    if (rollout.endedAt !== null) return;
    for (const { role, check, estimate, lower, upper } of verdicts) {
      const key = keyOf(rollout.id, rollout.stage, role, check);
      const series = this.#series.get(key) ?? { at: [], estimate: [], lower: [], upper: [] };
      this.#series.set(key, series);
      if ((series.at.at(-1) ?? 0) >= now) continue;
      const columns = [series.estimate, series.lower, series.upper];
      const stands = (back: number) =>
        columns.every((column, index) => column.at(-back) === [estimate, lower, upper][index]);
      // What stays as it is takes two points, however long it does.
      if (series.at.length > 1 && stands(1) && stands(2)) {
        series.at[series.at.length - 1] = now;
        continue;
      }
      series.at.push(now);
      series.estimate.push(estimate);
      series.lower.push(lower);
      series.upper.push(upper);
      if (series.at.length > MOST_POINTS) for (const column of Object.values(series)) thin(column);
    }
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly version = (): number => this.#version;
}

function keyOf(rollout: string, stage: number, role: string, check: string): string {
  return JSON.stringify([rollout, stage, role, check]);
}

/** Leaves out every other one, but never the newest. */
function thin(column: unknown[]): void {
  const last = column.length - 1;
  const kept = column.filter((_, index) => (last - index) % 2 === 0);
  column.splice(0, column.length, ...kept);
}

export function useSeriesVersion(series: VerdictSeries): number {
  return useSyncExternalStore(series.subscribe, series.version);
}
