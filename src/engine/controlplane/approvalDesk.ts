import type { Refusal } from '../../core/kernel/refusal.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { isOpen } from '../../core/policy/approval.ts';
import { rolesFor } from '../../core/policy/authority.ts';
import type { Change } from '../../core/policy/change.ts';
import { boundPlan } from '../../core/policy/fastTrack.ts';
import { isSamePerson } from '../../core/policy/person.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import {
  agreementOn,
  consentTo,
  consentToStart,
  type PlanReference,
  planReference,
  referenceOf,
} from '../../core/record/agreement.ts';
import { callerOf } from '../../core/record/caller.ts';
import { type ApprovalCommand, findPlan, type Subject } from '../../core/record/decideApproval.ts';
import type { World } from '../../core/record/world.ts';
import type { Approvals, ApprovalView, NamedPlan } from '../ports/approvals.ts';
import type { Clock } from '../ports/clock.ts';
import type { CommandQueue } from './commandQueue.ts';
import { findChange, findPipeline } from './findNamed.ts';

/** Takes what people say to the queue, and shows what waits for them. */
export class ApprovalDesk implements Approvals {
  readonly #queue: CommandQueue;
  readonly #clock: Clock;
  readonly #said: () => void;

  /** `said`: something was, and a rollout may go on. */
  constructor(queue: CommandQueue, clock: Clock, said: () => void) {
    this.#queue = queue;
    this.#clock = clock;
    this.#said = said;
  }

  say(...[actor, word, of, before, reason]: Parameters<Approvals['say']>): ReturnType<Approvals['say']> {
    return this.#submit(actor, of, (subject) => ({ type: word, of: subject, before, reason }));
  }

  askBreakGlass(...[actor, of, reason, forMs]: Parameters<Approvals['askBreakGlass']>): ReturnType<Approvals['say']> {
    return this.#submit(actor, of, (subject) => ({ type: 'askBreakGlass', of: subject, reason, forMs }));
  }

  confirmBreakGlass(actor: string, of: NamedPlan): ReturnType<Approvals['say']> {
    return this.#submit(actor, of, (subject) => ({ type: 'confirmBreakGlass', of: subject }));
  }

  endBreakGlass(actor: string, of: NamedPlan): ReturnType<Approvals['say']> {
    return this.#submit(actor, of, (subject) => ({ type: 'endBreakGlass', of: subject }));
  }

  views(): readonly ApprovalView[] {
    const { world } = this.#queue;
    const rollouts = [...world.rollouts.values()];
    const out = new Set(rollouts.map(({ change }) => change.digest));
    const running = rollouts.filter(({ endedAt, phase }) => endedAt === null && phase !== 'rollingBack');
    const waiting = [...world.changes.values()]
      .filter(({ digest }) => !out.has(digest) && !world.quarantine.has(digest))
      .reverse()
      .flatMap((change) =>
        [...world.pipelines.values()]
          .filter(({ service }) => service === change.service)
          .map(({ name }) => viewOf(world, planReference(world, change, name), this.#clock.now())),
      );
    return [...running.reverse().map((rollout) => viewOf(world, referenceOf(rollout), this.#clock.now())), ...waiting]
      .filter((view) => view !== null)
      .filter(({ gates, breakGlass }) => gates.length > 0 || breakGlass !== null);
  }

  waitsFor({ gates, breakGlass }: ApprovalView, actor: string): boolean {
    const { person, role } = callerOf(this.#queue.world, actor);
    if (gates.some((gate) => !isOpen(gate) && gate.could.some((one) => isSamePerson(one, person)))) return true;
    if (breakGlass === null || breakGlass.confirmedBy !== null || role === null) return false;
    return rolesFor('breakGlass').includes(role) && !isSamePerson(breakGlass.askedBy, person);
  }

  async #submit(
    actor: string,
    named: NamedPlan,
    commandOn: (subject: Subject) => ApprovalCommand,
  ): Promise<Result<ApprovalView, Refusal>> {
    const subject = findSubject(this.#queue.world, named);
    if (!subject.ok) return subject;
    const outcome = await this.#queue.submit(actor, commandOn(subject.value));
    if (!outcome.ok) {
      const [refusal] = outcome.error;
      if (refusal === undefined) throw new Error('invariant broken: a refusal without a reason');
      return err(refusal);
    }
    this.#said();
    const { world } = this.#queue;
    const plan = findPlan(world, subject.value);
    if (!plan.ok) return plan;
    const view = viewOf(world, plan.value.reference, this.#clock.now());
    if (view === null) throw new Error(`invariant broken: what was agreed to of ${named.of} is not in the world`);
    return ok(view);
  }
}

function findSubject(world: World, { of, pipeline }: NamedPlan): Result<Subject, Refusal> {
  const rollout = world.rollouts.get(of);
  if (rollout !== undefined)
    return ok({ change: rollout.change.digest, pipeline: rollout.pipeline.name, rollout: rollout.id });
  const change = findChange(world, of);
  if (!change.ok) return change;
  const through = findPipeline(world, change.value.service, pipeline);
  if (!through.ok) return through;
  return ok({ change: change.value.digest, pipeline: through.value.name, rollout: null });
}

/** As the change would go through it now. */
function pipelineFor(world: World, change: Change | undefined, name: string): Pipeline | undefined {
  const through = world.pipelines.get(name);
  const service = world.services.get(change?.service ?? '');
  if (through === undefined || change === undefined || service === undefined) return undefined;
  return boundPlan(world, change, through, service).pipeline;
}

function viewOf(world: World, plan: PlanReference, now: number): ApprovalView | null {
  const rollout = plan.rollout === null ? undefined : world.rollouts.get(plan.rollout);
  const change = rollout?.change ?? world.changes.get(plan.change);
  const pipeline = rollout?.pipeline ?? pipelineFor(world, change, plan.pipeline);
  if (change === undefined || pipeline === undefined) return null;
  const { gates } =
    rollout === undefined ? consentToStart(world, change, pipeline, null, now) : consentTo(world, rollout, now);
  const { says, breakGlass } = agreementOn(world, plan);
  const alive = breakGlass !== null && now < breakGlass.expires ? breakGlass : null;
  return { plan, change, author: callerOf(world, change.author).person, gates, says, breakGlass: alive };
}
