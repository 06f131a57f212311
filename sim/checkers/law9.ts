import type { Content } from '../../src/core/agent/slot.ts';
import { artifactsOn } from '../logBook.ts';
import type { Machine } from '../target/machine.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { passedStages } from './passedStages.ts';

/** From putting in force to the end of the checks, and the way back, as long as nothing makes the target slow. */
const STEPS_MS = 20_000;

interface Unconfirmed {
  readonly machine: Machine;
  readonly slot: string;
  readonly content: Content;
  /** Since when its agent has been there to take it back. */
  since: number | null;
}

/**
 * Law 9: what was put in force and not confirmed does not stay: a running agent takes it back by itself within its limits. And no stage
 * passes on a target that was never confirmed.
 */
export function law9(truth: Truth): Judge {
  const unconfirmed = new Map<string, Unconfirmed>();
  const confirmed = new Set<string>();
  const running = new Set<Machine>();
  return {
    take: (fact) => {
      if (fact.kind === 'agent') {
        if (fact.up) running.add(fact.machine);
        else running.delete(fact.machine);
        for (const each of unconfirmed.values())
          if (each.machine === fact.machine) each.since = fact.up ? truth.now : null;
      }
      if (fact.kind === 'held' && fact.before.file !== fact.after.file) {
        const { machine, slot, after } = fact;
        const key = `${machine.name}/${slot}`;
        const isTheirs = after.file === machine.baseline.get(slot) || machine.isTheirs(after.file);
        if (isTheirs || confirmed.has(`${key}/${after.file}`)) unconfirmed.delete(key);
        else
          unconfirmed.set(key, { machine, slot, content: after.file, since: running.has(machine) ? truth.now : null });
      }
      if (fact.kind === 'confirmed') {
        const { machine, confirmation } = fact;
        const key = `${machine.name}/${confirmation.slot}`;
        confirmed.add(`${key}/${confirmation.artifact}`);
        if (unconfirmed.get(key)?.content === confirmation.artifact) unconfirmed.delete(key);
      }
      for (const { id, stage, rollout } of passedStages(truth, fact)) {
        for (const machine of truth.scene.machines) {
          const uid = truth.uidOf(machine);
          if (machine.hasLied || rollout.absent.includes(uid)) continue;
          if (truth.log.openedStage(rollout, uid, machine.role, machine.labels) !== stage) continue;
          for (const [slot, artifact] of artifactsOn(rollout, machine.role)) {
            const isKnown =
              artifact === machine.baseline.get(slot) || confirmed.has(`${machine.name}/${slot}/${artifact}`);
            if (!isKnown)
              return `stage ${stage} of ${id} passes, and ${machine.name} was never told that ${artifact} in ${slot} is confirmed`;
          }
        }
      }
      return null;
    },
    look: () => {
      const mostMs = STEPS_MS + truth.confirmWithinMs;
      for (const { machine, slot, content, since } of unconfirmed.values()) {
        if (since === null || machine.hasLied || machine.worstSlowness > 1) continue;
        const { file } = machine.holding(slot);
        if (file === content && truth.now - since > mostMs)
          return `${machine.name} has held ${content} in ${slot} for ${Math.round((truth.now - since) / 1000)} s without a confirmation`;
      }
      return null;
    },
  };
}
