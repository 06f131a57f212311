import { place } from '../../src/core/kernel/place.ts';
import type { EventData } from '../../src/core/record/event.ts';
import type { LoggedRollout } from '../logBook.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { HeardReports } from './heardReports.ts';

/** What the server has known for so long it is expected to have reckoned with. */
const KNOWN_MS = 500;
const UNDER_WAY = ['preparing', 'applying', 'verifying', 'provisional'];

/**
 * Law 12: no more targets are under way at once than the pace on the record allows, where the pipeline asks for one; and who can be
 * seen to be at it is slow, not silent: it is not taken back for that.
 */
export function law12(truth: Truth): Judge {
  const heard = new HeardReports(() => truth.now);
  const pace = new Map<string, number>();
  const opened = new Map<string, number>();

  const judgeOpening = (server: string, rollout: LoggedRollout, stage: number, below: number): string | null => {
    const key = `${rollout.id} ${stage}`;
    const from = opened.get(key) ?? 0;
    opened.set(key, below);
    const most = pace.get(rollout.id);
    const spec = rollout.pipeline.stages[stage];
    if (most === undefined || spec?.concurrency === undefined) return null;
    let ordered = 0;
    let underWay = 0;
    for (const uid of truth.log.targets.keys()) {
      const machine = truth.machineOf(uid);
      const known = heard.of(server, uid);
      if (machine === null || known === null || !rollout.change.roles.includes(machine.role)) continue;
      const selected = Object.entries(spec.targets).every(([label, values]) =>
        values.includes(machine.labels[label] ?? ''),
      );
      const where = place(rollout.id, uid);
      if (!selected || where >= below) continue;
      if (where >= from) ordered++;
      else if (known.report.slots.some(({ slot, phase }) => slot in rollout.change.slots && UNDER_WAY.includes(phase)))
        underWay++;
    }
    if (ordered > 0 && ordered + underWay > most)
      return `${rollout.id} orders ${ordered} targets to move while ${underWay} are under way, and its pace is ${most}`;
    return null;
  };

  return {
    take: (fact) => {
      heard.take(fact);
      if (fact.kind !== 'appended' || truth.scene.ringsAreLost) return null;
      for (const { type, data } of fact.events) {
        const rollout = truth.log.rollouts.get(String(data.id));
        if (rollout === undefined) continue;
        const set = (data as unknown as Partial<EventData['PaceChanged']>).pace;
        if (set !== undefined) pace.set(rollout.id, set.concurrency);
        if (type === 'RehearsalStarted') opened.delete(`${rollout.id} 0`);
        const says =
          type === 'WaveOpened' || type === 'WaveWidened'
            ? judgeOpening(
                fact.server,
                rollout,
                type === 'WaveOpened' ? Number(data.stage) : rollout.stage,
                Number(data.below),
              )
            : type === 'RollbackOrdered' && data.code === 'silence'
              ? judgeSilence(fact.server, rollout, String(data.says))
              : null;
        if (says !== null) return says;
      }
      return null;
    },
  };

  /** Everybody is silent, it says: then nobody of those that it names can be heard to be at it. */
  function judgeSilence(server: string, rollout: LoggedRollout, says: string): string | null {
    for (const [uid, name] of truth.log.targets) {
      if (!says.includes(`${name}: did not confirm`)) continue;
      const known = heard.of(server, uid);
      // What it has said just now came after the decision.
      if (known === null || truth.now - known.at < KNOWN_MS) continue;
      const atIt = known.report.slots.find(
        ({ slot, phase, generation }) =>
          slot in rollout.change.slots && generation >= rollout.position && UNDER_WAY.includes(phase),
      );
      if (atIt !== undefined)
        return `${rollout.id} is rolled back for the silence of ${name}, which says that it is ${atIt.phase}`;
    }
    return null;
  }
}
