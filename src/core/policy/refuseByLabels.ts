import type { Refusal } from '../kernel/refusal.ts';
import type { SlotName } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import type { Change } from './change.ts';

const NAMED = 5;

/** Law 16: a target that lacks a label that a template needs could not hold it. `targets` are those that will be asked to. */
export function refuseByLabels(
  change: Change,
  slotRoles: Readonly<Record<SlotName, readonly string[]>>,
  targets: readonly Target[],
): readonly Refusal[] {
  return Object.entries(change.labels ?? {}).flatMap(([slot, labels]) => {
    const asked = targets.filter(({ role }) => slotRoles[slot]?.includes(role));
    return labels.flatMap((label): Refusal[] => {
      const lacking = asked.filter((target) => !Object.hasOwn(target.labels, label)).map(({ name }) => name);
      if (lacking.length === 0) return [];
      const names = lacking.slice(0, NAMED).join(', ');
      const more = lacking.length > NAMED ? ` and ${lacking.length - NAMED} more` : '';
      return [
        {
          code: 'label-missing',
          says: `slot "${slot}" of change "${change.name}" is filled in with the label "${label}", which ${names}${more} ${lacking.length === 1 ? 'does' : 'do'} not have`,
          remedy: "give the label in the agents' files, or leave it out of the template",
        },
      ];
    });
  });
}
