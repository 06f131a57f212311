import type { Content } from '../../src/core/agent/slot.ts';
import type { Machine } from '../target/machine.ts';

/** Whether this was confirmed on the target, by its agent's own record: what was not goes back by itself (law 9). */
export function confirmedHere(machine: Machine, slot: string, content: Content): boolean {
  const record = JSON.parse(machine.directory.records.get(slot) ?? '{}') as { readonly confirmed?: readonly string[] };
  return record.confirmed?.includes(content) === true;
}

/** Whether its agent has written down that this finished a whole rollout. Before, it may give it up for being started again and again. */
export function provenHere(machine: Machine, slot: string, content: Content): boolean {
  const record = JSON.parse(machine.directory.records.get(slot) ?? '{}') as {
    readonly holds?: string;
    readonly proven?: boolean;
  };
  return record.proven === true && record.holds === content;
}
