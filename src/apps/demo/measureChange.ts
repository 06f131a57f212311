import type { RolloutBody } from '../../wire/http/rollout.ts';
import { type ChangeReport, type RoleRequests, reachedPerRing, shareOf, type TargetReport } from './demoReport.ts';
import { digestsInForce, type RunningFleet, type Snapshot } from './runningFleet.ts';
import { SHOP_ROLES, type ShopRole } from './shop/routes.ts';
import type { ConfigRun } from './shop/shopRecord.ts';
import { digestsUnder, fileDigest } from './shopFiles.ts';

/** What a rollout did to the fleet, from the targets' disks, the shops' own histories and what customers saw. */
export async function measureChange(
  fleet: RunningFleet,
  rollout: RolloutBody,
  artifact: string,
  start: Snapshot,
  end: Snapshot,
): Promise<ChangeReport> {
  const targets = await targetReports(fleet, artifact, start);
  const underIt = (name: string): readonly ConfigRun[] =>
    (end.runs.get(name) ?? []).filter((run) => `sha256:${run.digest}` === artifact);
  const names = fleet.shops.map(({ instance }) => instance.name);
  const firstBad = earliest(names.flatMap(underIt).flatMap(({ firstFailureAtMs }) => firstFailureAtMs ?? []));
  const lastBack = rollout.phase === 'rolledBack' ? lastBackAtMs(names, end, artifact) : null;
  return {
    name: rollout.change.name,
    change: rollout.change.digest,
    artifact,
    rollout: rollout.id,
    phase: rollout.phase,
    rollbackReason: rollout.rollback?.says ?? null,
    seconds: (end.atMs - start.atMs) / 1000,
    reached: reachedPerRing(artifact, targets),
    firstBadRequestAtMs: firstBad,
    lastTargetBackAtMs: lastBack,
    firstBadRequestToLastTargetBackSeconds:
      firstBad === null || lastBack === null ? null : (lastBack - firstBad) / 1000,
    requests: Object.fromEntries(
      SHOP_ROLES.map((role) => [role, requestsOf(fleet, role, underIt, start, end)]),
    ) as Record<ShopRole, RoleRequests>,
    targets,
  };
}

async function targetReports(fleet: RunningFleet, artifact: string, start: Snapshot): Promise<readonly TargetReport[]> {
  const inForce = await digestsInForce(fleet);
  fleet.disks.look();
  return fleet.shops.map(({ instance, files }) => {
    const [before, ...during] = fleet.disks.heldSince(instance.name, start.atMs);
    return {
      target: instance.name,
      role: instance.role,
      ring: instance.ring,
      region: instance.region,
      before: before?.digest ?? null,
      during: during.map(({ digest }) => digest),
      after: fileDigest(files.config),
      inForceAfter: inForce.get(instance.name) ?? null,
      agentKeepsCopy: digestsUnder(files.agentState).has(artifact),
    };
  });
}

/** When the last shop that had loaded the artifact loaded something else; `null` when one still runs it, or none did. */
function lastBackAtMs(names: readonly string[], end: Snapshot, artifact: string): number | null {
  const backAt: number[] = [];
  for (const name of names) {
    const runs = end.runs.get(name) ?? [];
    const last = runs.findLastIndex((run) => `sha256:${run.digest}` === artifact);
    if (last === -1) continue;
    const next = runs[last + 1];
    if (next === undefined) return null;
    backAt.push(next.loadedAtMs);
  }
  return backAt.length === 0 ? null : Math.max(...backAt);
}

function requestsOf(
  fleet: RunningFleet,
  role: ShopRole,
  underIt: (name: string) => readonly ConfigRun[],
  start: Snapshot,
  end: Snapshot,
): RoleRequests {
  const names = fleet.shops.filter(({ instance }) => instance.role === role).map(({ instance }) => instance.name);
  const untouched = names.filter((name) => underIt(name).length === 0);
  return {
    underTheChange: shareOf(names.flatMap(underIt)),
    elsewhere: shareOf(
      untouched.map((name) => difference(shareOf(start.runs.get(name) ?? []), shareOf(end.runs.get(name) ?? []))),
    ),
    customers: shareOf(names.map((name) => difference(start.seen.get(name) ?? NOTHING, end.seen.get(name) ?? NOTHING))),
  };
}

interface Counted {
  readonly requests: number;
  readonly failures: number;
}

const NOTHING: Counted = { requests: 0, failures: 0 };

function difference(before: Counted, after: Counted): Counted {
  return { requests: after.requests - before.requests, failures: after.failures - before.failures };
}

function earliest(moments: readonly number[]): number | null {
  return moments.length === 0 ? null : Math.min(...moments);
}
