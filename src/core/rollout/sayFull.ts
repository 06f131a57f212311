import type { DomainStanding } from './domainBook.ts';

/** Law 11: which domain has no room, how many of how many are away, and who. */
export function sayFull({ role, value, unavailable, budget, targets, names }: DomainStanding): string {
  const where = value === '' ? `${role} (without the label of the domain)` : `${role} in "${value}"`;
  const who = unavailable === 0 ? '' : ` (${listed(names, unavailable)})`;
  return `no room in ${where}: ${unavailable} of ${targets} unavailable${who}, at most ${budget} may be`;
}

/** Three names, and how many more. */
export function listed(names: readonly string[], count: number): string {
  const named = names.slice(0, 3);
  return `${named.join(', ')}${count > named.length ? ` and ${count - named.length} more` : ''}`;
}
