import type { RolloutViewBody } from '../src/wire/http/rollout.ts';
import { type Child, el } from './element.ts';
import { listed, plural } from './words.ts';

/** What keeps a rollout from going faster: its pace, who is late, and the failure domains without room. */
export function capacityView({ rollout, tally }: RolloutViewBody): Child {
  const { phase, pace } = rollout;
  if (phase !== 'rolling' && phase !== 'rehearsing' && phase !== 'rollingBack') return null;
  const full = tally.domains.filter(({ unavailable, budget }) => unavailable >= budget);
  if (full.length === 0 && tally.slow === 0 && (pace === null || phase !== 'rolling')) return null;
  return el(
    'p',
    { class: 'fine capacity' },
    pace !== null && phase === 'rolling' && `At most ${plural(pace.concurrency, 'target')} at once: ${pace.says}. `,
    tally.slow > 0 && `Slow: ${listed(tally.slowNames, 6)}. `,
    full.slice(0, 6).map(({ role, value, targets, unavailable, budget, names }) => {
      const where = value === '' ? role : `${role} in ${value}`;
      return `No more room in ${where}: ${unavailable} of ${targets} unavailable, at most ${budget} may be (${listed(names, 3)}). `;
    }),
  );
}
