import type { RolloutBlast } from '../../core/topology/rolloutBlast.ts';
import type { Reach } from '../../core/topology/traffic.ts';
import type { ReachBody, RolloutBlastBody } from '../../wire/http/blast.ts';
import type { Sent } from './route.ts';

export function toBlast({
  now,
  promoted,
  dependents,
  dependencies,
  unknownTraffic,
}: RolloutBlast): Sent<RolloutBlastBody> {
  return {
    now: toReach(now),
    promoted: promoted === null ? null : { stage: promoted.stage, reach: toReach(promoted.reach) },
    dependents,
    dependencies,
    unknownTraffic,
  };
}

/** To a tenth of a hundredth: live views are told of what changes, and traffic always changes a little. */
function toReach({ targets, share, traffic }: Reach): Sent<ReachBody> {
  return { targets, share: rounded(share), traffic: traffic === null ? null : rounded(traffic) };
}

function rounded(share: number): number {
  return Math.round(share * 1000) / 1000;
}
