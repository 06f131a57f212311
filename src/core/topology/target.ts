/** Labels by name. Fixed when the target enrols. `ring`, `region`, `zone` are conventions; any label may be selected on. */
export type Labels = Readonly<Record<string, string>>;

/** One place that can be changed. */
export interface Target {
  /** The agent's instance uid as 32 lower-case hexadecimal digits. */
  readonly uid: string;
  /** What people call it. Unique among the targets of a service. */
  readonly name: string;
  readonly service: string;
  readonly role: string;
  readonly labels: Labels;
}

/** What a target is called, within the whole fleet. */
export function nameKey({ service, name }: Pick<Target, 'service' | 'name'>): string {
  return `${service}\n${name}`;
}

/** Every named label must have one of the given values. An empty selector matches every target. */
export type Selector = Readonly<Record<string, readonly string[]>>;

export function matches(selector: Selector, labels: Labels): boolean {
  // Without a list of its entries: this is asked for every target and stage whenever a fleet is counted.
  for (const label in selector) {
    const value = labels[label];
    if (value === undefined || selector[label]?.includes(value) !== true) return false;
  }
  return true;
}

/** `ring=canary,region=eu|us`, as people read it; `every target` for the empty selector. */
export function formatSelector(selector: Selector): string {
  const parts = Object.entries(selector).map(([label, allowed]) => `${label}=${allowed.join('|')}`);
  return parts.length === 0 ? 'every target' : parts.join(',');
}
