import type { Freeze } from '../src/core/policy/freeze.ts';
import type { Rollout } from '../src/core/rollout/rollout.ts';
import type { ControlPlane } from '../src/engine/ports/controlPlane.ts';
import type { Chance } from './kernel/chance.ts';

export const WHO = 'person:operator';

/** What came of what a person asked for. */
export type Answer = Promise<{ readonly ok: boolean; readonly error?: unknown }>;

/** Something that people now and then do while a rollout is under way. */
export interface Deed {
  readonly does: string;
  /** How likely it is each time that somebody looks. */
  readonly probability: number;
  /** `null`: there is nothing to do it to. */
  readonly ask: (plane: ControlPlane, running: Rollout, chance: Chance) => Answer | null;
}

export const DEEDS: readonly Deed[] = [
  { does: 'pause', probability: 0.02, ask: (plane, { id }) => plane.pause(WHO, id, 'lunch') },
  { does: 'halt', probability: 0.02, ask: (plane) => plane.halt(WHO, 'smoke') },
  { does: 'rollback', probability: 0.015, ask: (plane, { id }) => plane.rollback(WHO, id, 'a feeling') },
  { does: 'promote', probability: 0.02, ask: (plane, { id }) => plane.promote(WHO, id) },
  { does: 'freeze', probability: 0.015, ask: (plane, _, chance) => freeze(plane, chance) },
  { does: 'end a freeze', probability: 0.02, ask: (plane) => endFreeze(plane) },
  {
    does: 'rotate the signing key',
    probability: 0.008,
    ask: (plane) => plane.rotateKey(WHO).then(() => ({ ok: true })),
  },
  { does: 'retire a signing key', probability: 0.008, ask: (plane, _, chance) => retireKey(plane, chance) },
  {
    does: 'revoke evidence',
    probability: 0.008,
    ask: (plane, { id, evidence }, chance) =>
      evidence.length === 0 ? null : plane.revokeEvidence(WHO, id, chance.pick(evidence).stage, 'second thoughts'),
  },
];

/** Begins at once or soon, and ends after a while; some come again and again. */
function freeze(plane: ControlPlane, chance: Chance): Answer {
  const starts = Temporal.Instant.fromEpochMilliseconds(plane.now() + Math.round(chance.between(-5_000, 20_000)));
  const again = chance.happens(0.3);
  const manifest: Freeze = {
    name: chance.pick(['audit', 'holidays']),
    services: chance.pick([[], ['shop']]),
    reason: 'nothing moves',
    timeZone: 'UTC',
    starts: starts.toZonedDateTimeISO('UTC').toPlainDateTime().round('second').toString(),
    lasts: { duration: `PT${10 + chance.below(again ? 40 : 80)}S` },
    rule: again ? 'FREQ=MINUTELY;INTERVAL=3' : null,
    except: [],
  };
  return plane.apply(WHO, [{ kind: 'Freeze', freeze: manifest }]);
}

function endFreeze(plane: ControlPlane): Answer | null {
  const [name] = plane.world().freezes.keys();
  return name === undefined ? null : plane.removeFreeze(WHO, name);
}

function retireKey(plane: ControlPlane, chance: Chance): Answer | null {
  const old = [...plane.world().keys.values()].filter(({ retirement }) => retirement === null).slice(0, -1);
  return old.length === 0 ? null : plane.retireKey(WHO, chance.pick(old).id);
}
