import type { FreezeWindow } from '../../core/policy/freeze.ts';
import type { PeakWindow } from '../../core/policy/peak.ts';
import type { Plan } from '../../core/policy/plan.ts';
import type { RecordedFreeze } from '../../core/record/world.ts';
import type { FreezeBody, FreezeWindowBody } from '../../wire/http/freeze.ts';
import type { PeakWindowBody } from '../../wire/http/pipeline.ts';
import type { PlanBody } from '../../wire/http/plan.ts';
import { toInstant } from '../../wire/http/schema.ts';
import { toBreakGlass, toGate } from './approvalBodies.ts';
import type { Sent } from './route.ts';

export function toFreeze({ freeze, by, at }: RecordedFreeze, windows: readonly FreezeWindow[]): Sent<FreezeBody> {
  const { name, services, reason, timeZone, starts, lasts, rule, except } = freeze;
  return {
    name,
    services,
    reason,
    timeZone,
    starts,
    duration: 'duration' in lasts ? lasts.duration : null,
    ends: 'ends' in lasts ? lasts.ends : null,
    rule,
    except,
    by,
    at: toInstant(at),
    windows: windows.map(toWindow),
  };
}

export function toPlan(plan: Plan): Sent<PlanBody> {
  const stages = plan.stages.map((stage) => ({ ...stage, peak: stage.peak === null ? null : toPeak(stage.peak) }));
  const breakGlass = plan.breakGlass === null ? null : toBreakGlass(plan.breakGlass);
  return { ...plan, stages, freezes: plan.freezes.map(toWindow), gates: plan.gates.map(toGate), breakGlass };
}

export function toPeak({ starts, ends, local }: PeakWindow): Sent<PeakWindowBody> {
  return { starts: toInstant(starts), ends: toInstant(ends), local };
}

function toWindow({ freeze, reason, starts, ends, local }: FreezeWindow): Sent<FreezeWindowBody> {
  return { freeze, reason, starts: toInstant(starts), ends: toInstant(ends), local };
}
