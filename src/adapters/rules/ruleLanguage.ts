import type { RuleFacts, StageFacts } from '../../core/policy/ruleFacts.ts';

/** What a rule can be made of: the part of CEL that is allowed in it. The reference for people is written from these tables. */

export type Type =
  | 'bool'
  | 'int'
  | 'double'
  | 'string'
  | 'timestamp'
  | 'duration'
  /** A text that is one of these. */
  | { readonly words: readonly string[] }
  | { readonly list: Type }
  | { readonly fields: Fields };

export interface Field {
  readonly type: Type;
  readonly says: string;
}
export type Fields = Readonly<Record<string, Field>>;

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** The present, by the clock of the rule's time zone. */
export interface LocalTime {
  readonly now: number;
  readonly zone: string;
  readonly weekday: (typeof WEEKDAYS)[number];
  readonly date: string;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

export type RuleValues = Omit<RuleFacts, 'now'> & { readonly time: LocalTime };

type FieldsOf<T> = { readonly [F in keyof T]: Field };

const STAGE: FieldsOf<StageFacts> = {
  name: { type: 'string', says: 'its name in the pipeline' },
  number: { type: 'int', says: 'which one it is, from 1' },
  targets: { type: 'int', says: 'how many targets it has' },
  shareOfTargets: {
    type: 'double',
    says: 'the same as a share of all targets that the change is for, from 0.0 to 1.0',
  },
  last: { type: 'bool', says: 'whether no stage follows' },
};

/** Every variable, with every field. */
export const VARIABLES: {
  readonly [V in keyof RuleValues]: { readonly says: string; readonly fields: FieldsOf<RuleValues[V]> };
} = {
  change: {
    says: 'the change that is rolled out',
    fields: {
      name: { type: 'string', says: 'what its author calls it' },
      digest: { type: 'string', says: '`sha256:` and 64 digits' },
      service: { type: 'string', says: 'the service it is of' },
      roles: { type: { list: 'string' }, says: 'the roles it names' },
      slots: { type: { list: 'string' }, says: 'the slots it fills, such as `config/shop`' },
      author: { type: 'string', says: 'who applied it' },
      reason: { type: 'string', says: 'why it is made' },
      newPath: { type: 'string', says: 'the metric of its new path; empty when it names none' },
    },
  },
  plan: {
    says: 'the rollout as planned',
    fields: {
      pipeline: { type: 'string', says: 'the pipeline it goes through' },
      targets: { type: 'int', says: 'targets in all stages together' },
      unstaged: { type: 'int', says: 'targets that no stage selects, and that would never get the change' },
      stages: { type: { list: { fields: STAGE } }, says: 'all stages in order, each as `stage` is' },
    },
  },
  stage: { says: 'the stage that would open, or go on opening', fields: STAGE },
  wave: {
    says: 'the wave that would open',
    fields: {
      number: { type: 'int', says: 'which one of its stage it is, from 1' },
      count: { type: 'int', says: 'how many waves the stage has' },
      targets: { type: 'int', says: 'targets of the stage that are open with it, those of its earlier waves included' },
      last: { type: 'bool', says: 'whether it opens the whole stage' },
    },
  },
  blast: {
    says: 'who could be hurt once it is open',
    fields: {
      targets: { type: 'int', says: 'targets opened by then, in all stages' },
      shareOfTargets: { type: 'double', says: 'the same as a share of all targets that the change is for' },
      trafficShare: {
        type: 'double',
        says: "the share of the service's traffic that is on them; where it is not known, a rule that asks for it refuses",
      },
      dependents: { type: { list: 'string' }, says: 'services that depend on this one, directly or through others' },
    },
  },
  fleet: {
    says: 'the targets that the change is for, at this moment',
    fields: {
      targets: { type: 'int', says: 'how many there are' },
      connected: { type: 'int', says: 'how many are connected' },
      unhealthy: { type: 'int', says: 'how many are connected and fail their own checks' },
    },
  },
  rollout: {
    says: 'the rollout itself',
    fields: {
      id: { type: 'string', says: 'such as `shop-2`; in a plan, what it would be called' },
      startedBy: { type: 'string', says: 'who started it; in a plan, who asks for the plan' },
      startedAt: { type: 'timestamp', says: 'when it was started; in a plan, now' },
    },
  },
  time: {
    says: "now, by the clock of the rule's `timeZone` (UTC if left out)",
    fields: {
      now: { type: 'timestamp', says: 'the moment itself' },
      zone: { type: 'string', says: 'the name of the zone' },
      weekday: { type: { words: WEEKDAYS }, says: 'the day of the week' },
      date: { type: 'string', says: 'such as `2026-12-24`; earlier dates are smaller texts' },
      year: { type: 'int', says: 'such as 2026' },
      month: { type: 'int', says: 'from 1 to 12' },
      day: { type: 'int', says: 'of the month, from 1 to 31' },
      hour: { type: 'int', says: 'from 0 to 23' },
      minute: { type: 'int', says: 'from 0 to 59' },
    },
  },
};

/** How much a rule may be. Steps are counted in the worst case, before it is ever evaluated. */
export const LIMITS = {
  characters: 1000,
  depth: 32,
  steps: 10_000,
  /** Of all rules of a pipeline, over all of its stages. */
  pipelineSteps: 100_000,
  /** A longer list is not looked at: the rule refuses. */
  listItems: 256,
  textCharacters: 4096,
  patternCharacters: 100,
} as const;

/** Goes over a list; `x` is a name of one's own for the item. */
export const MACROS: Readonly<Record<string, { readonly gives: 'bool' | 'list'; readonly says: string }>> = {
  all: { gives: 'bool', says: 'whether it is true of every item' },
  exists: { gives: 'bool', says: 'whether it is true of one item or more' },
  exists_one: { gives: 'bool', says: 'whether it is true of exactly one item' },
  filter: { gives: 'list', says: 'the items it is true of' },
};

/** Called as `value.name(argument)`. */
export const TEXT_METHODS: Readonly<Record<string, string>> = {
  contains: 'whether the text has this one in it',
  startsWith: 'whether it begins so',
  endsWith: 'whether it ends so',
  matches: `whether a regular expression (RE2) is found in it. The expression is written out in the rule, has at most ${LIMITS.patternCharacters} characters, and counts no repetitions ({…})`,
};

/** Called as `name(argument)`. */
export const FUNCTIONS: Readonly<Record<string, string>> = {
  size: 'how many characters a text or items a list has; also `value.size()`',
  int: 'a number without its fraction',
  double: 'a whole number as one that may have a fraction',
  timestamp: 'a moment written out in the rule: `timestamp("2026-12-24T00:00:00Z")`',
  duration: 'a span written out in the rule: `duration("36h")`, `duration("90s")`',
};

export function sayType(type: Type): string {
  if (typeof type === 'string') return type;
  if ('words' in type) return `one of ${type.words.map((word) => `"${word}"`).join(', ')}`;
  return 'list' in type ? `list of ${sayType(type.list)}` : `a mapping of ${Object.keys(type.fields).join(', ')}`;
}
