import type { Content } from '../src/core/agent/slot.ts';
import { digestOf } from '../src/engine/controlplane/readManifests.ts';
import type { StoredEvent } from '../src/wire/storedEvent.ts';
import type { Choices } from './choices.ts';
import { SHOP_SLOT } from './choices.ts';
import type { Fact } from './fact.ts';
import { FAULTS } from './faults.ts';
import { sayNature } from './target/nature.ts';

export const LEGEND = `  step  time      !  a fault                  #  an event on the record, by its position
                  ?  what a person asked for   =  what a target holds: in its file, and in its running service
                  S  a server came or went     A  an agent came or went`;

/** What a seed chose, before anything happens. */
export function sayChoices({
  machines,
  pipeline,
  changes,
  faults,
  safetyMs,
  confirmWithinMs,
}: Choices): readonly string[] {
  const [stage] = pipeline.stages;
  const polls = machines.filter(({ transport }) => transport === 'poll').length;
  return [
    `targets  ${machines.length}: ${machines.map(({ name, labels }) => `${name} (${labels.region})`).join(', ')}; ${polls} of them poll`,
    `stages   ${pipeline.stages.map(({ name, waves, promote }) => `${name} in ${waves.length} waves${promote === 'manual' ? ', opened by a person' : ''}`).join('; ')}`,
    `bake     ${stage?.bake.minimumMs} ms, ${stage?.bake.exposure === null ? 'no exposure asked for' : `${stage?.bake.exposure.atLeast} requests`}; rehearsal: ${pipeline.rehearse ? 'yes' : 'no'}; confirmed within ${confirmWithinMs} ms`,
    ...changes.map(
      ({ input, nature }) =>
        `change   ${input.name} for ${Object.keys(input.slots).join(' and ')} of ${input.roles.join(' and ')}: ${sayNature(nature)}`,
    ),
    `faults   ${faults.length === 0 ? 'none' : faults.map((kind) => FAULTS[kind].says).join('; ')}`,
    `span     ${Math.round(safetyMs / 1000)} s with faults at most, then until everything has settled`,
  ];
}

/** Names for contents as a reader of a run wants them: the change's, not 64 digits. */
export class Story {
  readonly #names = new Map<Content, string>([['absent', 'no file']]);
  readonly #verbose: boolean;

  constructor(choices: Choices, verbose: boolean) {
    this.#verbose = verbose;
    for (const { input } of choices.changes) {
      for (const [slot, bytes] of Object.entries(input.slots)) {
        this.#names.set(digestOf(bytes), slot === SHOP_SLOT ? input.name : `${input.name}/edge`);
      }
    }
  }

  /** One line; `null`: told in verbose runs alone. */
  line(step: number, atMs: number, fact: Fact): string | null {
    const said = this.#say(fact);
    if (said === null) return null;
    return `${String(step).padStart(6)}  ${(atMs / 1000).toFixed(3).padStart(8)}  ${said}`;
  }

  /** Digests in a sentence, by the names of what they are. */
  named(says: string): string {
    return says.replaceAll(/sha256:[0-9a-f]{64}/g, (digest) => this.#name(digest as Content));
  }

  #say(fact: Fact): string | null {
    switch (fact.kind) {
      case 'fault':
        return `!  ${fact.says}`;
      case 'appended':
        return fact.events
          .map((event) => `#  ${event.position} ${event.type}${detail(event)}`)
          .join('\n                  ');
      case 'held':
        return `=  ${fact.machine.name} ${fact.slot}: ${this.#name(fact.after.file)}, runs ${this.#name(fact.after.running)}`;
      case 'command':
        return `?  ${fact.does}${fact.rollout === null ? '' : ` (${fact.rollout})`}${fact.refused === null ? '' : `: refused, ${fact.refused}`}`;
      case 'server':
        return `S  ${fact.server} ${fact.up ? 'serves' : 'is gone'}`;
      case 'agent':
        return `A  ${fact.machine.name} ${fact.up ? 'runs' : 'is gone'}`;
      default:
        return this.#verbose ? this.#sayMore(fact) : null;
    }
  }

  #sayMore(fact: Fact): string | null {
    switch (fact.kind) {
      case 'apply':
      case 'undo':
        return `   ${fact.machine.name} ${fact.kind === 'apply' ? 'applies' : 'goes back to'} ${this.#name(fact.to)} in ${fact.slot}`;
      case 'fetch':
        return `   ${fact.machine.name} downloads ${this.#name(fact.digest)}`;
      case 'assigned': {
        const told = fact.set.assignments.map(
          ({ slot, generation, candidate, lastKnownGood }) =>
            `${slot} generation ${generation}: ${candidate === null ? 'no candidate' : `${this.#name(candidate.artifact)} for ${candidate.openings.map(({ stage, below }) => `${stage} below ${below.toFixed(3)}`).join(', ')}`}, else ${lastKnownGood === null ? 'its baseline' : this.#name(lastKnownGood)}`,
        );
        return `   ${fact.machine.name} hears ${told.join('; ') || 'that nothing is assigned'}`;
      }
      case 'confirmed':
        return `   ${fact.machine.name} hears that ${fact.confirmation.slot} is confirmed`;
      case 'contact':
        return `   ${fact.machine.name} is ${fact.connected ? '' : 'not '}in contact`;
      case 'reported': {
        const slots = fact.report.slots.map(({ slot, phase, generation, failureCode }) =>
          `${slot} ${phase} at ${generation} ${failureCode}`.trim(),
        );
        return `   ${fact.server} hears of ${fact.uid.slice(0, 6)}: ${slots.join('; ')}`;
      }
      case 'lost':
        return `   ${fact.server} takes ${fact.uid.slice(0, 6)} for lost`;
      default:
        return null;
    }
  }

  #name(content: Content): string {
    return this.#names.get(content) ?? `its own (${content.slice(7, 13)})`;
  }
}

function detail({ data }: StoredEvent): string {
  const { id, stage, wave, reason, code, says, target } = data as Record<string, unknown>;
  const name = (target as { readonly name?: string } | undefined)?.name;
  const words = [
    id,
    name,
    stage === undefined ? null : `stage ${stage}`,
    wave === undefined ? null : `wave ${wave}`,
    code ?? reason,
    says,
  ];
  return words
    .filter((word) => word !== undefined && word !== null)
    .map((word) => ` ${word}`)
    .join(',')
    .slice(0, 220);
}
