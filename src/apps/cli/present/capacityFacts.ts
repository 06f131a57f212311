import { formatSize } from '../../../core/topology/capacity.ts';
import type { PlanBody } from '../../../wire/http/plan.ts';
import type { RolloutViewBody } from '../../../wire/http/rollout.ts';
import type { Fact } from './facts.ts';
import { count, names } from './words.ts';

/** What keeps a rollout from going faster, and who is late: its pace, the failure domains without room, the stragglers. */
export function capacityFacts({ rollout, tally }: RolloutViewBody): Fact[] {
  const { pace, phase } = rollout;
  const moves = phase === 'rolling' || phase === 'rehearsing' || phase === 'rollingBack';
  const facts: Fact[] = [];
  if (pace !== null && phase === 'rolling')
    facts.push(['pace', `at most ${count(pace.concurrency, 'target')} at once: ${pace.says}`]);
  if (tally.slow > 0) facts.push(['slow', { text: names(tally.slowNames, tally.slow), tone: 'warn' }]);
  const full = tally.domains.filter(({ unavailable, budget }) => unavailable >= budget);
  for (const { role, value, targets, unavailable, budget, names: some } of moves ? full : []) {
    const where = value === '' ? role : `${role} in ${value}`;
    const text = `${where}: ${unavailable} of ${targets} unavailable, at most ${budget} may be (${names(some, unavailable)})`;
    facts.push(['capacity', unavailable > budget ? { text, tone: 'warn' } : text]);
  }
  return facts;
}

export function floorSays({ domain, unavailable }: NonNullable<PlanBody['capacity']>): string {
  return `at most ${formatSize(unavailable)} of each role in each ${domain} unavailable at once, both ways`;
}

/** In which steps a plan would be carried out, where the service asks for a floor or the pipeline for a pace. */
export function stepFacts({ capacity, stages }: PlanBody): Fact[] {
  const facts: Fact[] = [];
  if (capacity !== undefined) facts.push(['capacity', floorSays(capacity)]);
  for (const { name, steps } of stages) {
    if (steps === undefined) continue;
    const { expected, concurrency } = steps;
    const once = concurrency === null ? '' : `, ${concurrency.start} at once at first, ${concurrency.most} at the most`;
    facts.push(['steps', `${name}: ${count(expected, 'step')} if all goes well${once}`]);
  }
  return facts;
}
