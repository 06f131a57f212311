import type { Instant } from '../kernel/instant.ts';
import { DEEDS, orOf, type TokenRole } from './authority.ts';
import type { Change } from './change.ts';
import { personKey } from './person.ts';
import type { Pipeline } from './pipeline.ts';

export const APPROVING_ROLES = DEEDS.approve.roles;
export type ApprovingRole = (typeof APPROVING_ROLES)[number];

/** Before the first stage opens. */
export const START = 'start';

/** So many different people of a role say yes before a stage opens. An admin may stand in for any role. */
export interface ApprovalRule {
  /** {@link START}, or the name of a later stage. */
  readonly before: string;
  readonly role: ApprovingRole;
  readonly count: number;
}

/** What one person says of one gate. Of each person the newest word counts. */
export interface Say {
  readonly before: string;
  readonly verdict: 'approved' | 'rejected';
  readonly person: string;
  /** Of the token it was said with. */
  readonly role: TokenRole;
  readonly reason: string;
  readonly at: Instant;
}

/** Somebody who may say something now: a person and a role of a token in force. */
export interface Holder {
  readonly person: string;
  readonly role: TokenRole;
}

/** What stands before a stage, and how far people have opened it. */
export interface Gate {
  /** Index of the stage that it is before. */
  readonly stage: number;
  readonly before: string;
  readonly needs: readonly Need[];
  /** Whose approvals count. */
  readonly approved: readonly string[];
  /** Who approved what they want themselves, as author or starter: that does not count. */
  readonly own: readonly string[];
  /** One is enough to keep it shut. */
  readonly rejected: readonly Say[];
  /** Who could give what is missing, by name; at most {@link NAMED_PEOPLE}. */
  readonly could: readonly string[];
}

export interface Need {
  readonly role: ApprovingRole;
  readonly count: number;
  readonly given: number;
}

const NAMED_PEOPLE = 20;

/** Law 6: what cannot be undone is looked at by two people, whatever else the pipeline asks for. */
const EYES_ON_IRREVERSIBLE = 2;

/** What the pipeline asks of people for this change. */
export function approvalRules(pipeline: Pick<Pipeline, 'approvals'>, change: Change): readonly ApprovalRule[] {
  return [...(pipeline.approvals ?? []), ...lawfulRules(change, pipeline.approvals ?? [])];
}

/** What the law asks beyond the given rules. Nothing gets round this. */
export function lawfulRules(change: Change, rules: readonly ApprovalRule[] = []): readonly ApprovalRule[] {
  if (change.irreversible === undefined) return [];
  const asked = rules.filter(({ before }) => before === START).reduce((sum, { count }) => sum + count, 0);
  if (asked >= EYES_ON_IRREVERSIBLE) return [];
  return [{ before: START, role: 'approver', count: EYES_ON_IRREVERSIBLE - asked }];
}

export interface GatesInput {
  readonly rules: readonly ApprovalRule[];
  /** Names of the stages, in order. */
  readonly stages: readonly string[];
  readonly says: readonly Say[];
  /** The author, and who starts it: nobody opens a gate for themselves. */
  readonly own: readonly string[];
  readonly holders: readonly Holder[];
}

/** The gates that the rules make, in the order of their stages. */
export function gatesOf({ rules, stages, says, own, holders }: GatesInput): readonly Gate[] {
  const owners = new Set(own.map(personKey));
  return stages.flatMap((name, stage) => {
    const before = stage === 0 ? START : name;
    const here = merged(rules.filter((rule) => rule.before === before));
    if (here.length === 0) return [];
    const said = says.filter((say) => say.before === before);
    const yes = said.filter(({ verdict }) => verdict === 'approved');
    const isOwn = ({ person }: Say) => owners.has(personKey(person));
    const approvals = yes.filter((say) => !isOwn(say) && isHeld(say, holders));
    const needs = fill(here, approvals);
    const wanted = needs.filter(({ given, count }) => given < count).map(({ role }) => role);
    const heard = new Set(approvals.map(({ person }) => personKey(person)));
    const able = new Map<string, string>();
    for (const { person, role } of holders) {
      const key = personKey(person);
      const fits = wanted.some((each) => role === each || role === 'admin');
      if (fits && !owners.has(key) && !heard.has(key) && !able.has(key)) able.set(key, person);
    }
    return [
      {
        stage,
        before,
        needs,
        approved: approvals.map(({ person }) => person),
        own: yes.filter(isOwn).map(({ person }) => person),
        rejected: said.filter(({ verdict }) => verdict === 'rejected'),
        could: [...able.values()].sort().slice(0, NAMED_PEOPLE),
      },
    ];
  });
}

export function isOpen({ needs, rejected }: Gate): boolean {
  return rejected.length === 0 && needs.every(({ count, given }) => given >= count);
}

/** The gates that are shut, of those before the stages up to this one. */
export function shutGates(gates: readonly Gate[], upTo: number): readonly Gate[] {
  return gates.filter((gate) => gate.stage <= upTo && !isOpen(gate));
}

/** How many approvals of which role are missing where, and who could give them. */
export function sayGates(gates: readonly Gate[]): string {
  return gates.map(sayGate).join('; ');
}

function sayGate({ before, needs, rejected, could, own }: Gate): string {
  const where = before === START ? 'before it starts' : `before "${before}"`;
  const said = rejected.map(({ person, reason }) => `rejected by ${person} ${where}: ${reason}`);
  const missing = needs
    .filter(({ given, count }) => given < count)
    .map(({ role, count, given }) => `${count - given} of ${count} approvals by the role ${role} missing ${where}`);
  if (missing.length === 0) return said.join('; ');
  const who = could.length === 0 ? 'nobody who has a token could give them' : `${orOf(could)} could give them`;
  const theirs = own.length === 0 ? '' : `; that of ${own.join(', ')}, who wants it, does not count`;
  return [...said, `${missing.join(', ')} (${who}${theirs})`].join('; ');
}

/** One rule a role, so that nothing counts twice. */
function merged(rules: readonly ApprovalRule[]): readonly ApprovalRule[] {
  const byRole = new Map<ApprovingRole, ApprovalRule>();
  for (const rule of rules) byRole.set(rule.role, { ...rule, count: rule.count + (byRole.get(rule.role)?.count ?? 0) });
  return [...byRole.values()];
}

/** Each approval counts once: for its own role first; what admins have left stands in where others are missing. */
function fill(rules: readonly ApprovalRule[], approvals: readonly Say[]): readonly Need[] {
  const left = new Map<TokenRole, number>();
  for (const { role } of approvals) left.set(role, (left.get(role) ?? 0) + 1);
  const take = (role: TokenRole, most: number): number => {
    const taken = Math.min(most, left.get(role) ?? 0);
    left.set(role, (left.get(role) ?? 0) - taken);
    return taken;
  };
  const own = rules.map(({ role, count }) => take(role, count));
  return rules.map(({ role, count }, index) => {
    const given = own[index] ?? 0;
    return { role, count, given: given + take('admin', count - given) };
  });
}

/** Nobody's approval outlives their right to give it: a token in force of this person and role still stands behind it. */
function isHeld({ person, role }: Say, holders: readonly Holder[]): boolean {
  const key = personKey(person);
  return holders.some((holder) => holder.role === role && personKey(holder.person) === key);
}
