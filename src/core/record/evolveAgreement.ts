import { inForce } from '../policy/breakGlass.ts';
import { NO_AGREEMENT } from '../policy/consent.ts';
import { isSamePerson } from '../policy/person.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { agreementKey, agreementOn, editionOf, referenceOf } from './agreement.ts';
import type { RecordedEvent } from './event.ts';
import type { World } from './world.ts';

export type AgreementEvent = Extract<
  RecordedEvent,
  {
    readonly type:
      | 'ApprovalGiven'
      | 'ApprovalRejected'
      | 'ApprovalWithdrawn'
      | 'BreakGlassAsked'
      | 'BreakGlassConfirmed'
      | 'BreakGlassEnded';
  }
>;

type Agreements = Map<string, World['agreements'] extends ReadonlyMap<string, infer A> ? A : never>;

/** What people said, on the plan that they said it of. */
export function evolveAgreement(agreements: Agreements, event: AgreementEvent): void {
  const key = agreementKey(event.data.plan);
  const before = agreements.get(key) ?? NO_AGREEMENT;
  switch (event.type) {
    case 'ApprovalGiven':
    case 'ApprovalRejected': {
      const { before: gate, person, role, reason } = event.data;
      const verdict = event.type === 'ApprovalGiven' ? 'approved' : 'rejected';
      const say = { before: gate, verdict, person, role, reason, at: event.at } as const;
      agreements.set(key, { ...before, says: [...without(before.says, gate, person), say] });
      return;
    }
    case 'ApprovalWithdrawn': {
      const { before: gate, person } = event.data;
      agreements.set(key, { ...before, says: without(before.says, gate, person) });
      return;
    }
    case 'BreakGlassAsked': {
      const { reason, person, expires } = event.data;
      const asked = { reason, askedBy: person, askedAt: event.at, confirmedBy: null, confirmedAt: null, expires };
      agreements.set(key, { ...before, breakGlass: asked });
      return;
    }
    case 'BreakGlassConfirmed': {
      if (before.breakGlass === null) return;
      const confirmed = { ...before.breakGlass, confirmedBy: event.data.person, confirmedAt: event.at };
      agreements.set(key, { ...before, breakGlass: confirmed });
      return;
    }
    case 'BreakGlassEnded':
      agreements.set(key, { ...before, breakGlass: null });
  }
}

/** A rollout that starts belongs to the plan as it is now, with the break-glass that is in force for it. */
export function startUnder(world: Pick<World, 'editions' | 'agreements'>, started: Rollout): Rollout {
  const rollout = { ...started, edition: editionOf(world, started.change, started.pipeline.name) };
  const { breakGlass } = agreementOn(world, referenceOf(rollout));
  return inForce(breakGlass, started.startedAt) ? { ...rollout, breakGlass: { ...breakGlass, gates: [] } } : rollout;
}

/** Break-glass that is confirmed, or ended, while a rollout of the plan runs stands on it from then on. */
export function followAgreement(
  world: Pick<World, 'agreements'>,
  rollouts: Map<string, Rollout>,
  { type, data, at }: AgreementEvent,
): void {
  const rollout = data.plan.rollout === null ? undefined : rollouts.get(data.plan.rollout);
  if (rollout === undefined) return;
  const { breakGlass } = agreementOn(world, data.plan);
  if (type === 'BreakGlassConfirmed' && inForce(breakGlass, at)) {
    const gates = rollout.breakGlass?.gates ?? [];
    rollouts.set(rollout.id, { ...rollout, breakGlass: { ...breakGlass, gates } });
  } else if (type === 'BreakGlassEnded' && rollout.breakGlass !== null) {
    rollouts.set(rollout.id, { ...rollout, breakGlass: { ...rollout.breakGlass, expires: at } });
  }
}

/** What people agreed to was one rollout. The next one of the same change is asked for anew. */
export function useUp(agreements: Agreements, rollout: Rollout): void {
  agreements.delete(agreementKey(referenceOf(rollout)));
}

/** One word a person and gate: the newest. */
function without<S extends { readonly before: string; readonly person: string }>(
  says: readonly S[],
  gate: string,
  person: string,
): readonly S[] {
  return says.filter((say) => say.before !== gate || !isSamePerson(say.person, person));
}
