import type { EventData } from '../../src/core/record/event.ts';
import { EPOCH } from '../kernel/simProcess.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** What was decided just before a freeze begins is on the disk just after. */
const SLACK_MS = 300;
const FORWARD = ['RolloutStarted', 'WaveOpened', 'WaveWidened', 'RehearsalStarted', 'BakeStarted', 'StagePassed'];

/** A freeze as published here: once, or again every so many minutes. In simulated time. */
interface Published {
  readonly starts: number;
  readonly lastsMs: number;
  readonly everyMs: number | null;
}

/**
 * Law 14: nothing starts, opens or passes while the line is halted or a freeze binds; and nothing, a halt, a freeze or a pause included,
 * refuses a person's rollback. Break-glass opens both (law 15).
 */
export function law14(truth: Truth): Judge {
  let halted = false;
  const freezes = new Map<string, Published>();
  const frozenBy = (): string | undefined => {
    const now = truth.now + truth.scene.serverWall.offsetMs;
    return [...freezes].find(([, freeze]) => isIn(freeze, now) && isIn(freeze, now - SLACK_MS))?.[0];
  };
  return {
    take: (fact) => {
      if (
        fact.kind === 'command' &&
        fact.does === 'rollback' &&
        fact.refused !== null &&
        fact.refused !== 'rollout-ended'
      )
        return `a person's rollback of ${fact.rollout} is refused: ${fact.says} (${fact.refused})`;
      if (fact.kind !== 'appended') return null;
      for (const { type, data } of fact.events) {
        if (type === 'LineHalted') halted = true;
        if (type === 'LineLifted') halted = false;
        if (type === 'FreezeApplied') {
          const { freeze } = data as unknown as EventData['FreezeApplied'];
          freezes.set(freeze.name, published(freeze));
        }
        if (type === 'FreezeRemoved') freezes.delete(String(data.name));
        if (!FORWARD.includes(type)) continue;
        const rollout = truth.log.rollouts.get(String(data.id));
        const plan = { change: rollout?.change.digest ?? '', pipeline: rollout?.pipeline.name ?? '' };
        if (truth.agreements.isBroken(plan, truth.serverTime - SLACK_MS)) continue;
        if (halted && (type === 'RolloutStarted' || type === 'WaveOpened' || type === 'WaveWidened'))
          return `${String(data.id)}: ${type} while the line is halted`;
        const freeze = frozenBy();
        if (freeze !== undefined) return `${String(data.id)}: ${type} while the freeze "${freeze}" binds`;
      }
      return null;
    },
  };
}

/** Reads what people of this world publish (`sim/deeds.ts`), and nothing else: UTC, a duration in seconds, a rule in minutes. */
function published({ starts, lasts, rule }: EventData['FreezeApplied']['freeze']): Published {
  const seconds = /^PT(\d+)S$/.exec('duration' in lasts ? lasts.duration : '')?.[1];
  if (seconds === undefined) throw new Error('invariant broken: this freeze is not one that people here publish');
  const minutes = rule === null ? null : Number(/INTERVAL=(\d+)/.exec(rule)?.[1]);
  return {
    starts: Date.parse(`${starts}Z`) - EPOCH,
    lastsMs: Number(seconds) * 1000,
    everyMs: minutes === null ? null : minutes * 60_000,
  };
}

function isIn({ starts, lastsMs, everyMs }: Published, at: number): boolean {
  const since = at - starts;
  return since >= 0 && (everyMs === null ? since : since % everyMs) < lastsMs;
}
