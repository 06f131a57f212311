import type { World } from '../../src/core/record/world.ts';
import type { Rollout } from '../../src/core/rollout/rollout.ts';

/**
 * What a history comes to, in the words of people: what every later version must make of the same events. Named one by one, so that a
 * field which is added to the state later changes nothing here, and a field that is called otherwise is read under its new name. A fact may
 * be added: histories from before it do not have it, and are compared as far as theirs go.
 * Times are milliseconds, digests whole.
 */
export function factsOf(world: World) {
  return {
    position: world.position,
    services: [...world.services.values()].map(({ name, roles, slots }) => ({
      name,
      roles,
      slots: Object.keys(slots),
    })),
    pipelines: [...world.pipelines.values()].map(({ name, stages }) => ({
      name,
      stages: stages.map((each) => each.name),
    })),
    changes: [...world.changes.values()].map(({ name, digest, slots }) => ({ name, digest, slots })),
    freezes: [...world.freezes.values()].map(({ freeze, by, at }) => ({ name: freeze.name, by, at })),
    targets: [...world.targets.values()].map(({ uid, name, role, labels }) => ({ uid, name, role, labels })),
    rollouts: [...world.rollouts.values()].map(rolloutFacts),
    assignments: [...world.assignments].map(([key, { generation, lastKnownGood, candidate }]) => ({
      key,
      generation,
      lastKnownGood,
      candidate:
        candidate === null
          ? null
          : {
              rollout: candidate.rollout,
              artifact: candidate.artifact,
              openings: candidate.openings.map(({ stage, below }) => ({ stage, below })),
            },
    })),
    permits: [...world.permits].map(([key, { document, key: by }]) => ({
      key,
      by,
      rollout: document.rollout,
      stage: document.stage?.name ?? null,
      generation: document.generation,
    })),
    goodPermits: [...world.goodPermits].map(([key, { document, key: by }]) => ({ key, by, rollout: document.rollout })),
    lastKnownGoods: [...world.lastKnownGoods].map(([key, digests]) => ({ key, digests })),
    quarantine: [...world.quarantine].map(([digest, { rollout, at }]) => ({ digest, rollout, at })),
    checkpoint: world.checkpoint?.document ?? null,
    agreements: [...world.agreements].map(([key, { says, breakGlass }]) => ({
      key,
      says: says.map(({ before, verdict, person }) => `${before}: ${verdict} by ${person}`),
      breakGlass: breakGlass === null ? null : { askedBy: breakGlass.askedBy, confirmedBy: breakGlass.confirmedBy },
    })),
    halted: world.halted,
    keys: [...world.keys.values()].map(({ id, addedAt, retiredAt }) => ({ id, addedAt, retiredAt })),
    tokens: [...world.tokens.values()].map(({ id, role, name }) => ({ id, role, name })),
  };
}

export type Facts = ReturnType<typeof factsOf>;

function rolloutFacts(rollout: Rollout) {
  const { id, change, pipeline, plan, position, startedBy, startedAt, phase, since, stage, wave, rollback } = rollout;
  return {
    id,
    change: change.digest,
    pipeline: pipeline.name,
    plan: plan.map(({ name, targets, waves }) => ({ name, targets, waves: waves.map(({ below }) => below) })),
    position,
    startedBy,
    startedAt,
    phase,
    since,
    stage: plan[stage]?.name ?? null,
    wave,
    holds: rollout.holds,
    heldSince: rollout.heldSince,
    paused: rollout.paused,
    accepted: rollout.accepted,
    rehearsed: rollout.rehearsal?.provenAt ?? null,
    evidence: rollout.evidence.map(({ stage: of, at, verdicts }) => ({
      stage: of,
      at,
      verdicts: verdicts.map(({ check, role, outcome }) => `${check} on ${role}: ${outcome}`),
    })),
    signedBy: rollout.signedEvidence.map((byRole) =>
      Object.fromEntries(Object.entries(byRole).map(([role, { key }]) => [role, key])),
    ),
    revoked: rollout.revoked.map(({ stage: of, by, reason }) => ({ stage: of, by, reason })),
    failed: rollout.failed.map(({ target, code }) => ({ target, code })),
    failedCount: rollout.failedCount,
    rollback: rollback === null ? null : { by: rollback.by, code: rollback.code, says: rollback.says, at: rollback.at },
    stragglers: rollout.stragglers,
    breakGlass: rollout.breakGlass?.gates ?? null,
    concurrency: rollout.pace?.concurrency ?? null,
    released: rollout.release?.below ?? null,
    permitted: rollout.permitted?.map(({ stage: of, below }) => ({ stage: of, below })) ?? null,
    kept: rollout.kept ?? null,
    endedAt: rollout.endedAt,
  };
}
