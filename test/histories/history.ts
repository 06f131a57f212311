import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EMPTY_WORLD, evolveWorld } from '../../src/core/record/evolveWorld.ts';
import type { World } from '../../src/core/record/world.ts';
import { fromStored } from '../../src/wire/recordedEvent.ts';
import type { StoredEvent } from '../../src/wire/storedEvent.ts';
import { type Facts, factsOf } from './factsOf.ts';

export const HISTORIES = fileURLToPath(new URL('.', import.meta.url));

/** What is kept of a history beside its events: what they come to, and how they came there. */
export interface Outcome {
  readonly facts: Facts;
  /** Of each rollout, every phase it went through with the position at which it began: the way counts, not only where it ends. */
  readonly phases: Readonly<Record<string, readonly string[]>>;
}

/** The kept files, as `FOLDER/NAME.jsonl` and `FOLDER/NAME.outcome`. */
export function keptFiles(): readonly string[] {
  return readdirSync(HISTORIES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl') || name.endsWith('.outcome'))
    .sort();
}

export function readHistory(name: string): readonly StoredEvent[] {
  const lines = readFileSync(join(HISTORIES, name), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as StoredEvent);
}

/** Folds a history one event at a time. */
export function replay(events: readonly StoredEvent[]): { readonly world: World; readonly outcome: Outcome } {
  let world = EMPTY_WORLD;
  const phases: Record<string, string[]> = {};
  const last = new Map<string, string>();
  for (const event of events) {
    world = evolveWorld(world, [fromStored(event)]);
    for (const { id, phase } of world.rollouts.values()) {
      if (last.get(id) === phase) continue;
      last.set(id, phase);
      phases[id] = [...(phases[id] ?? []), `${event.position} ${phase}`];
    }
  }
  return { world, outcome: { facts: factsOf(world), phases } };
}

/** `DIGEST  NAME`, as sha256sum has it. */
export function digestLine(name: string): string {
  return `${createHash('sha256')
    .update(readFileSync(join(HISTORIES, name)))
    .digest('hex')}  ${name}`;
}

/** What is kept of the same places as there were when it was kept: a fact that was added later is left out. Lists are whole. */
export function asFarAs(kept: unknown, found: unknown): unknown {
  if (Array.isArray(kept) && Array.isArray(found))
    return found.map((item, index) => (index < kept.length ? asFarAs(kept[index], item) : item));
  if (!isObject(kept) || !isObject(found)) return found;
  return Object.fromEntries(Object.keys(kept).map((key) => [key, asFarAs(kept[key], found[key])]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
