import type { Instant } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';
import {
  approvalRules,
  type Gate,
  type GatesInput,
  gatesOf,
  lawfulRules,
  type Say,
  sayGates,
  shutGates,
} from './approval.ts';
import { type Breakable, type BreakGlass, type ConfirmedBreakGlass, inForce } from './breakGlass.ts';
import type { Change } from './change.ts';
import type { Pipeline } from './pipeline.ts';

/** What people have said of one plan: one change through one pipeline, as both were when they said it. */
export interface Agreement {
  readonly says: readonly Say[];
  readonly breakGlass: BreakGlass | null;
}

export const NO_AGREEMENT: Agreement = { says: [], breakGlass: null };

/** How far people let a rollout go, at one moment: everything of it that deciding needs. */
export interface Consent {
  readonly gates: readonly Gate[];
  readonly glass: OpenGlass | null;
}

/** Break-glass in force. */
export interface OpenGlass {
  readonly breakGlass: ConfirmedBreakGlass;
  /** The gates that it leaves standing. */
  readonly gates: readonly Gate[];
  /** Whether it is newer than the halt: who halts the line after it was confirmed means this rollout too. */
  readonly opensHalt: boolean;
}

export const FREE_CONSENT: Consent = { gates: [], glass: null };

export interface ConsentInput extends Pick<GatesInput, 'own' | 'holders'> {
  readonly change: Change;
  readonly pipeline: Pipeline;
  readonly agreement: Agreement;
  readonly haltedAt: Instant | null;
}

export function consentOf({ change, pipeline, agreement, haltedAt, ...people }: ConsentInput, now: Instant): Consent {
  const { says, breakGlass } = agreement;
  const stages = pipeline.stages.map(({ name }) => name);
  const gates = gatesOf({ ...people, stages, says, rules: approvalRules(pipeline, change) });
  if (!inForce(breakGlass, now)) return { gates, glass: null };
  const { confirmedAt } = breakGlass;
  // What somebody says no to once they know of the emergency stays shut; so does what was said at the same moment, before or after.
  const still = says.filter(({ verdict, at }) => verdict === 'approved' || at >= confirmedAt);
  const firm = new Map(
    gatesOf({ ...people, stages, says: still, rules: lawfulRules(change) }).map((gate) => [gate.stage, gate]),
  );
  const left = gates.map((gate): Gate => {
    const rejected = gate.rejected.filter(({ at }) => at >= confirmedAt);
    const { needs = [], could = [] } = firm.get(gate.stage) ?? {};
    return { ...gate, needs, could, rejected };
  });
  return { gates, glass: { breakGlass, gates: left, opensHalt: haltedAt === null || haltedAt < confirmedAt } };
}

/** What keeps a stage shut that people, the calendar or the line may keep shut. */
export interface Shut {
  readonly lineHalted: boolean;
  readonly frozen: boolean;
  readonly gates: readonly Gate[];
}

/** Which of the gates up to a stage are shut, and which of those break-glass opens. */
export function whatStands(
  { gates, glass }: Consent,
  upTo: number,
  { lineHalted, frozen }: Pick<Shut, 'lineHalted' | 'frozen'>,
): Shut & { readonly broken: readonly Breakable[] } {
  const shut = shutGates(gates, upTo);
  if (glass === null) return { lineHalted, frozen, gates: shut, broken: [] };
  const left = shutGates(glass.gates, upTo);
  const broken: Breakable[] = [];
  if (lineHalted && glass.opensHalt) broken.push('line-halted');
  if (frozen) broken.push('frozen');
  if (shut.length > 0 && left.length === 0) broken.push('awaiting-approval');
  return { lineHalted: lineHalted && !glass.opensHalt, frozen: false, gates: left, broken };
}

/** The one answer to starting and promoting where approvals are missing. */
export function refuseShut(gates: readonly Gate[]): Refusal | null {
  if (gates.length === 0) return null;
  return {
    code: 'approval-missing',
    says: sayGates(gates),
    remedy: 'ask them to: ringfence approve; a rollback needs no approval',
  };
}
