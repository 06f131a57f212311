import { shortDigest } from '../../core/kernel/digest.ts';
import type { Refusal } from '../../core/kernel/refusal.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Change } from '../../core/policy/change.ts';
import { meant } from '../../core/policy/meant.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import type { World } from '../../core/record/world.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';

/** By digest, by at least six digits of it, or by name: the newest of that name. */
export function findChange(world: World, name: string): Result<Change, Refusal> {
  const hex = name.startsWith('sha256:') ? name.slice(7) : name;
  const changes = [...world.changes.values()];
  const named = changes.findLast((change) => change.name === name);
  if (named !== undefined) return ok(named);
  const byDigest = /^[0-9a-f]{6,64}$/.test(hex)
    ? changes.filter((change) => change.digest.slice(7).startsWith(hex))
    : [];
  const [only, other] = byDigest;
  if (only !== undefined && other === undefined) return ok(only);
  if (only !== undefined) {
    const says = `"${name}" begins ${byDigest.length} changes: ${byDigest.map((change) => `${shortDigest(change.digest)} (${change.name})`).join(', ')}`;
    return err({ code: 'unknown-change', says, remedy: 'give more digits' });
  }
  return err({
    code: 'unknown-change',
    says: `there is no change "${name}"`,
    remedy: meant(
      name,
      changes.map((change) => change.name),
    ),
  });
}

/** The one that was named, or the only one of the service, or the one that is called like it. */
export function findPipeline(world: World, service: string, name: string | undefined): Result<Pipeline, Refusal> {
  const pipelines = [...world.pipelines.values()].filter((pipeline) => pipeline.service === service);
  const names = pipelines.map((pipeline) => pipeline.name);
  if (name !== undefined) {
    const found = pipelines.find((pipeline) => pipeline.name === name);
    if (found !== undefined) return ok(found);
    const other = world.pipelines.get(name);
    const says =
      other === undefined
        ? `there is no pipeline "${name}"`
        : `pipeline "${name}" is for service "${other.service}", not "${service}"`;
    return err({ code: 'unknown-pipeline', says, remedy: meant(name, names) });
  }
  const chosen = pipelines.length === 1 ? pipelines[0] : pipelines.find((pipeline) => pipeline.name === service);
  if (chosen !== undefined) return ok(chosen);
  const says =
    names.length === 0
      ? `service "${service}" has no pipeline`
      : `service "${service}" has several pipelines: ${names.join(', ')}`;
  return err({ code: 'unknown-pipeline', says, remedy: names.length === 0 ? 'apply one' : 'name one of them' });
}

/** By id, or by the only id that begins so. */
export function findRollout({ rollouts }: World, name: string): Rollout | undefined {
  const exact = rollouts.get(name);
  if (exact !== undefined || name === '') return exact;
  const begun = [...rollouts.values()].filter((rollout) => rollout.id.startsWith(name));
  return begun.length === 1 ? begun[0] : undefined;
}
