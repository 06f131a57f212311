import { brokenSets, isInSet } from '../../core/agent/changeSet.ts';
import type { SlotLimits } from '../../core/agent/slotInput.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import { changeKindOf, type SlotName } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';
import { isServerKind } from '../../wire/manifest/changeKind.ts';
import type { AgentDisk } from '../ports/agentDisk.ts';
import type { Clock } from '../ports/clock.ts';
import type { Driver } from '../ports/driver.ts';
import type { AssignmentSet, Confirmation, TargetReport } from '../ports/fleet.ts';
import type { LocalCheck } from '../ports/localCheck.ts';
import type { Logger } from '../ports/logger.ts';
import type { Scrape } from '../ports/scrape.ts';
import type { ServerLink } from '../ports/serverLink.ts';
import type { Verifier } from '../ports/signer.ts';
import type { TakeBackRequest, TakeBackRequests, TakenBackSlot } from '../ports/takeBackRequests.ts';
import { CheckPanel } from './checkPanel.ts';
import { PageWatch } from './pageWatch.ts';
import { ReleaseWait } from './releaseWait.ts';
import { SetGate } from './setGate.ts';
import { slotReport } from './slotReport.ts';
import { SlotRunner } from './slotRunner.ts';
import { TakeBackWatch, takeBack } from './takeBackWatch.ts';
import { TrustKeeper, type TrustOptions } from './trustKeeper.ts';

export interface AgentOptions {
  /** `uid` is the directory's; an empty role is the service's only one, learnt from the server once. */
  readonly target: Omit<Target, 'uid'>;
  readonly disk: AgentDisk;
  readonly link: ServerLink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly slots: readonly AgentSlotOptions[];
  readonly checks: readonly LocalCheck[];
  readonly verifier: Verifier;
  readonly trust: TrustOptions;
  /** How people at the target reach it; `null`: not at all. */
  readonly requests: TakeBackRequests | null;
  /** `null`: the service has no metrics page. */
  readonly metrics: { readonly scrape: Scrape; readonly everyMs: DurationMs } | null;
}

export interface AgentSlotOptions {
  readonly name: SlotName;
  readonly driver: Driver;
  readonly limits: SlotLimits;
  /** In a change of several slots those with a lower one come into force first. Left out: 0. */
  readonly order?: number;
}

/** No artifact is larger, whatever the server says. */
const MAX_ARTIFACT_BYTES = 16 * 1024 * 1024;

/** What is in force is read back so often while nothing is under way. */
const INSPECT_EVERY_MS = 10_000;

/** How long ending may take to bring back what is not confirmed. */
const STOP_GRACE_MS = 10_000;

/** One agent: its slots, its checks, its service's metrics page, and its link to the server. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #slots: ReadonlyMap<SlotName, SlotRunner>;
  readonly #checks: CheckPanel;
  readonly #trust: TrustKeeper;
  readonly #releases: ReleaseWait;
  readonly #requests: TakeBackWatch | null;
  readonly #page: PageWatch | null;
  #target: Target;
  #told = '';
  #unknownSlots = '';
  #started = false;
  #stopping: Promise<void> | null = null;

  private constructor(
    options: AgentOptions,
    slots: ReadonlyMap<SlotName, SlotRunner>,
    checks: CheckPanel,
    trust: TrustKeeper,
  ) {
    const { disk, link, clock, metrics } = options;
    this.#options = options;
    this.#slots = slots;
    this.#checks = checks;
    this.#trust = trust;
    this.#releases = new ReleaseWait(options.clock);
    this.#requests = options.requests && new TakeBackWatch(options.requests, slots, options);
    this.#target = { ...options.target, uid: disk.uid, role: options.target.role || (disk.role ?? '') };
    this.#page =
      metrics &&
      new PageWatch({
        ...metrics,
        clock,
        starts: disk.starts,
        slots,
        observe: (found) => link.observe(found),
        restarted: (says) => this.#serviceRestarted(says),
      });
  }

  /** Reads what the agent was doing. Rejects with an `AgentDiskError` when that cannot be trusted. */
  static async open(options: AgentOptions): Promise<Agent> {
    const { disk, link, clock, logger } = options;
    const slots = new Map<SlotName, SlotRunner>();
    // The parts know each other only through these, which are called once everything is there.
    const self: { agent?: Agent } = {};
    const checks = new CheckPanel(
      options.checks,
      clock,
      () => self.agent?.tell(),
      (says, anew) => {
        self.agent?.hurryBack();
        for (const slot of slots.values()) {
          slot.give({ kind: 'checkFailed', says });
          if (anew) slot.give({ kind: 'struck', by: 'sickened', says });
        }
      },
    );
    const order = new Map(options.slots.map(({ name, order = 0 }) => [name, order]));
    const gate = new SetGate(
      () => [...slots.values()].map(({ slot }) => ({ slot, order: order.get(slot.name) ?? 0 })),
      () => self.agent?.target ?? { ...options.target, uid: disk.uid },
    );
    const prune = () => disk.prune(() => new Set([...slots.values()].flatMap((slot) => [...slot.needed()])));
    for (const { name, driver, limits } of options.slots) {
      const runner = await SlotRunner.open(
        {
          name,
          limits,
          clock,
          logger,
          inspectEveryMs: INSPECT_EVERY_MS,
          target: () => self.agent?.target ?? { ...options.target, uid: disk.uid },
          changed: () => {
            self.agent?.changed();
            gate.look();
          },
        },
        {
          driver,
          disk,
          prune,
          fetch: (digest) => link.fetchArtifact(digest, MAX_ARTIFACT_BYTES),
          checkRound: (signal) => checks.round(signal),
          gate: (move, signal) => gate.pass(name, move, signal),
        },
      );
      slots.set(name, runner);
    }
    const trust = await TrustKeeper.open(options.trust, disk, options.verifier, logger);
    const agent = new Agent(options, slots, checks, trust);
    self.agent = agent;
    return agent;
  }

  get target(): Target {
    return this.#target;
  }

  /** Finishes what the last run left, then follows the server. */
  start(): void {
    this.#started = true;
    for (const slot of this.#slots.values()) slot.start(this.#options.disk.startedAfter);
    this.#keepSets();
    this.#checks.start();
    this.#options.link.open(this.#target, {
      assigned: (set) => this.#assigned(set),
      confirmed: (confirmation) => this.#confirmed(confirmation),
      changed: ({ connected, says }) => {
        this.#options.logger[connected ? 'info' : 'warn'](says, { connected });
        for (const slot of this.#slots.values()) slot.give({ kind: connected ? 'contactRegained' : 'contactLost' });
      },
    });
    this.#page?.start();
    this.#requests?.start();
    this.tell();
  }

  /** Goes back to what was proven before, as a person ordered here (law 5). Resolves when every slot that is meant has come to rest. */
  takeBack(request: Omit<TakeBackRequest, 'id'>): Promise<readonly TakenBackSlot[]> {
    return takeBack(this.#slots, request);
  }

  /** Ends in order. What is confirmed stays in force; what is not goes back first. The directory is free afterwards. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#releases.stop();
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop(STOP_GRACE_MS)));
    this.tell();
    this.#started = false;
    this.#page?.stop();
    this.#requests?.stop();
    this.#checks.stop();
    await this.#options.link.close();
    await this.#options.disk.close();
  }

  /** Something about a slot is different now. */
  changed(): void {
    this.#keepSets();
    this.tell();
  }

  /** It is unwell: an order to go back that waits for its turn waits no longer. */
  hurryBack(): void {
    this.#releases.hurry();
  }

  /** Everything there is to say of this target, if it is not what was said last. */
  tell(): void {
    if (!this.#started) return;
    const slots = [...this.#slots.values()].map(({ slot }) => slotReport(slot, this.#target));
    const report: TargetReport = { slots, checks: this.#checks.reports() };
    const told = JSON.stringify(report);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.link.report(report);
    this.#page?.look();
  }

  /** One that cannot hold its part takes the others of its rollout back too, whenever that was written down. */
  #keepSets(): void {
    if (!this.#started) return;
    const runners = [...this.#slots.values()];
    for (const broken of brokenSets(runners.map(({ slot }) => slot))) {
      for (const runner of runners)
        if (runner.name !== broken.slot && isInSet(runner.slot, broken.rollout))
          runner.give({ kind: 'setFailed', broken });
    }
  }

  #serviceRestarted(says: string): void {
    for (const runner of this.#slots.values())
      if (!runner.seesProcess) runner.give({ kind: 'struck', by: 'restarted', says });
  }

  #assigned(set: AssignmentSet): void {
    this.#learnRole(set);
    this.#trust.learn(set.keys);
    const unknown: SlotName[] = [];
    for (const assignment of set.assignments) {
      const runner = this.#slots.get(assignment.slot);
      if (runner === undefined) {
        // What the server itself holds for this target is none of the agent's.
        if (!isServerKind(changeKindOf(assignment.slot))) unknown.push(assignment.slot);
      } else {
        const leaves = this.#trust.judge(assignment, set, this.#target);
        const { confirmWithinMs } = set;
        const deliver = () => runner.give({ kind: 'assigned', assignment, confirmWithinMs, leaves });
        const well = this.#checks.reports().every(({ healthy }) => healthy);
        this.#releases.take(assignment, runner.slot, { uid: this.#target.uid, well }, deliver);
      }
    }
    if (set.service === this.#target.service && set.role === this.#target.role) this.#page?.watch(set.watches);
    this.#sayUnknown(unknown);
  }

  #confirmed({ slot, generation, artifact }: Confirmation): void {
    this.#slots.get(slot)?.give({ kind: 'confirmed', generation, artifact });
  }

  #learnRole({ service, role }: AssignmentSet): void {
    const { disk, logger } = this.#options;
    if (this.#target.role !== '' || service !== this.#target.service) return;
    this.#target = { ...this.#target, role };
    logger.info(`this target has the role ${role}`, { role });
    disk
      .rememberRole(role)
      .catch((error: unknown) => logger.error(`the role ${role} cannot be kept: ${String(error)}`));
  }

  #sayUnknown(slots: readonly SlotName[]): void {
    const unknown = slots.join(', ');
    if (unknown === this.#unknownSlots) return;
    this.#unknownSlots = unknown;
    if (unknown === '') return;
    this.#options.logger.warn(`the server has revisions for slots that this agent's file does not name: ${unknown}`, {
      slots,
    });
  }
}
