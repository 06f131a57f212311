import type { Rollout } from '../src/core/rollout/rollout.ts';
import type { ControlPlane } from '../src/engine/ports/controlPlane.ts';
import type { Answer } from './deeds.ts';
import type { Chance } from './kernel/chance.ts';

/** Whoever has a say, with the role of their token. The author is asked as well, and must be refused. */
export const PEOPLE = { ann: 'author', bob: 'approver', cat: 'approver', dan: 'operator', eve: 'admin' } as const;
export type Person = keyof typeof PEOPLE;
export const AUTHOR: Person = 'ann';
/** Those who may start a rollout. */
export const STARTERS: readonly Person[] = ['ann', 'dan', 'eve'];

const NAMES = Object.keys(PEOPLE) as readonly Person[];

export interface CouncilParts {
  readonly plane: ControlPlane;
  readonly chance: Chance;
  readonly actorOf: (person: Person) => string;
}

/** What somebody says of a plan, when people look at it; `null`: nobody says anything. */
export function speak(
  { plane, chance, actorOf }: CouncilParts,
  of: string,
  running: Rollout | undefined,
): { readonly does: string; readonly answer: Answer } | null {
  const plan = { of, pipeline: 'shop' };
  const person = chance.pick(NAMES);
  const actor = actorOf(person);
  const stuck = running?.holds.some((hold) => ['awaiting-approval', 'line-halted', 'frozen'].includes(hold)) ?? true;
  const [rule] = plane.approvals.views().filter(({ plan: { rollout, name } }) => rollout === of || name === of);
  if (rule?.breakGlass?.confirmedBy === null)
    return { does: `${person} confirms break-glass`, answer: plane.approvals.confirmBreakGlass(actor, plan) };
  if (stuck && chance.happens(0.06)) {
    const forMs = Math.round(chance.between(15_000, 90_000));
    return {
      does: `${person} asks for break-glass`,
      answer: plane.approvals.askBreakGlass(actor, plan, 'it burns', forMs),
    };
  }
  if (rule === undefined || rule.gates.length === 0) return null;
  const word = chance.pick(['approve', 'approve', 'approve', 'approve', 'approve', 'reject', 'withdraw'] as const);
  return { does: `${person}: ${word}`, answer: plane.approvals.say(actor, word, plan, null, 'as I see it') };
}

/** In calm times: everybody who may says yes. */
export async function agree({ plane, actorOf }: Omit<CouncilParts, 'chance'>, of: string): Promise<void> {
  for (const person of NAMES) await plane.approvals.say(actorOf(person), 'approve', { of, pipeline: 'shop' }, null, '');
}
