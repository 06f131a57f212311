import type { Target } from '../../../core/topology/target.ts';
import type { AssignmentSet, Confirmation } from '../../../engine/ports/fleet.ts';
import type { ServerLink } from '../../../engine/ports/serverLink.ts';
import { createOpampLink, type OpampLinkOptions } from '../client/opampLink.ts';
import { aUid } from './rawAgent.ts';
import { SkippingClock } from './skippingClock.ts';
import { TOKEN } from './testFleet.ts';
import { entropy, recordingLogger } from './withServer.ts';

export interface LinkUnderTest {
  readonly link: ServerLink;
  readonly target: Target;
  readonly clock: SkippingClock;
  readonly assigned: AssignmentSet[];
  readonly confirmed: Confirmation[];
  /** `up` or `down`, and why. */
  readonly states: string[];
  readonly log: string[];
  open(): void;
}

/** A link of our own client, and what it was told. */
export function linkTo(
  url: string,
  options: Partial<OpampLinkOptions> & { readonly role?: string; readonly uid?: string } = {},
): LinkUnderTest {
  const { role = 'web', uid = aUid(), ...rest } = options;
  const target = { uid, name: `shop-${uid}`, service: 'shop', role, labels: { ring: 'canary' } };
  const clock = new SkippingClock();
  const log: string[] = [];
  const link = createOpampLink({ url, token: TOKEN, clock, entropy, logger: recordingLogger(log), ...rest });
  const assigned: AssignmentSet[] = [];
  const confirmed: Confirmation[] = [];
  const states: string[] = [];
  const open = () =>
    link.open(target, {
      assigned: (set) => assigned.push(set),
      confirmed: (confirmation) => confirmed.push(confirmation),
      changed: ({ connected, says }) => states.push(`${connected ? 'up' : 'down'}: ${says}`),
    });
  return { link, target, clock, assigned, confirmed, states, log, open };
}
