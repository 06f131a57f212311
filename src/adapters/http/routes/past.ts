import type { FastifyInstance } from 'fastify';
import type { Rollout } from '../../../core/rollout/rollout.ts';
import { sayPast } from '../../../core/rollout/sayPast.ts';
import type { ControlPlane, PastWorld } from '../../../engine/ports/controlPlane.ts';
import { getPastRollout, listPastRollouts, MOMENT_EXPECTED, readMoment } from '../../../wire/http/past.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { HttpProblem } from '../httpProblem.ts';
import { takePage } from '../page.ts';
import { toRollout, toRolloutSummary } from '../rolloutBodies.ts';
import { serve } from '../route.ts';
import { toVerdict } from '../verdictBodies.ts';

/** Rollouts as they were: what the record has of them, and nothing that only the server of then knew. */
export function pastRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  const pastAt = async (text: string): Promise<PastWorld> => {
    const moment = readMoment(text);
    if (moment === null) throw new HttpProblem('invalid-request', `query.at: expected ${MOMENT_EXPECTED}`);
    const past = await controlPlane.past(moment);
    if (past.ok) return past.value;
    throw new HttpProblem('outside-record', past.error);
  };
  const asOf = ({ position, at }: PastWorld) => ({ position, at: toInstant(at) });
  const says = (rollout: Rollout, { words, at }: PastWorld) => sayPast(rollout, words.get(rollout.id) ?? new Map(), at);

  serve(app, getPastRollout, async ({ params, query }) => {
    const past = await pastAt(query.at);
    const rollout = findRollout(past, params.id);
    if (rollout === undefined) throw unknownThen(past, params.id, controlPlane);
    return {
      asOf: asOf(past),
      rollout: toRollout(rollout),
      verdicts: (rollout.rollback?.verdicts ?? rollout.evidence[rollout.stage]?.verdicts ?? []).map(toVerdict),
      says: says(rollout, past),
    };
  });

  serve(app, listPastRollouts, async ({ query }) => {
    const past = await pastAt(query.at);
    const list = {
      items: [...past.world.rollouts.values()].reverse(),
      keyOf: ({ id }: Rollout) => id,
      accepts: ({ change, phase }: Rollout) =>
        change.service === (query.service ?? change.service) && phase === (query.phase ?? phase),
      toBody: (rollout: Rollout) => toRolloutSummary({ rollout, says: says(rollout, past) }),
    };
    return { asOf: asOf(past), ...takePage(list, query) };
  });
}

/** By id, or by the only id of then that begins so. */
function findRollout({ world: { rollouts } }: PastWorld, name: string): Rollout | undefined {
  const exact = rollouts.get(name);
  if (exact !== undefined) return exact;
  const begun = [...rollouts.values()].filter(({ id }) => id.startsWith(name));
  return begun.length === 1 ? begun[0] : undefined;
}

function unknownThen({ position, at }: PastWorld, id: string, controlPlane: ControlPlane): HttpProblem {
  const later = controlPlane.world().rollouts.get(id);
  const then = `after event ${position}, of ${toInstant(at)}`;
  if (later === undefined) return new HttpProblem('unknown-rollout', `there was no rollout "${id}" ${then}`);
  const began = `it began with event ${later.position}, at ${toInstant(later.startedAt)}`;
  return new HttpProblem('unknown-rollout', `there was no rollout "${id}" yet ${then}: ${began}`);
}
