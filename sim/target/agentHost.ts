import type { SlotLimits } from '../../src/core/agent/slotInput.ts';
import { desiredRevision } from '../../src/core/rollout/assignment.ts';
import { Agent } from '../../src/engine/agent/agent.ts';
import type { AssignmentSet, TargetReport } from '../../src/engine/ports/fleet.ts';
import type { LocalCheck } from '../../src/engine/ports/localCheck.ts';
import type { Logger } from '../../src/engine/ports/logger.ts';
import type { Scrape } from '../../src/engine/ports/scrape.ts';
import type { ServerLink } from '../../src/engine/ports/serverLink.ts';
import type { Verifier } from '../../src/engine/ports/signer.ts';
import type { Witness } from '../fact.ts';
import type { Chance } from '../kernel/chance.ts';
import type { EventLoop } from '../kernel/eventLoop.ts';
import { SimProcess } from '../kernel/simProcess.ts';
import { SimLink } from '../net/simLink.ts';
import type { SimNetwork } from '../net/simNetwork.ts';
import type { Machine } from './machine.ts';
import { openSimAgentDisk } from './simAgentDisk.ts';
import { simDriver } from './simDriver.ts';
import { simTakeBackRequests } from './simTakeBackRequests.ts';

export const AGENT_LIMITS: SlotLimits = {
  applyWithinMs: 10_000,
  verifyWithinMs: 10_000,
  checkWithinMs: 15_000,
  revertWithinMs: 12_000,
  watchForMs: 15_000,
  provisionalAtMostMs: 3_600_000,
  retryMs: { first: 1_000, most: 15_000 },
  retryGoodMs: { first: 10_000, most: 120_000 },
  trial: { quietMs: 120_000, strikes: 3 },
};

const CHECK_EVERY_MS = 4_000;
const SCRAPE_EVERY_MS = 5_000;
const PROBE_MS = 20;

export interface AgentHostOptions {
  readonly machine: Machine;
  readonly loop: EventLoop;
  readonly network: SimNetwork;
  readonly chance: Chance;
  readonly token: () => string;
  readonly transport: 'stream' | 'poll';
  readonly witness: Witness;
  readonly logger: Logger;
  readonly verifier: Verifier;
  /** Whether it looks for what people at the target ask of it: often, and only worth its time where somebody does. */
  readonly obeysPeople: boolean;
}

/** Runs the real agent on a simulated target, and runs it again when it was killed, as a service manager would. */
export class AgentHost {
  readonly machine: Machine;
  readonly transport: 'stream' | 'poll';
  readonly #options: AgentHostOptions;
  #process: SimProcess | null = null;
  #link: SimLink | null = null;
  #contact = false;
  #told: AssignmentSet | null = null;
  #cancelStart = () => {};

  constructor(options: AgentHostOptions) {
    this.#options = options;
    this.machine = options.machine;
    this.transport = options.transport;
  }

  get isUp(): boolean {
    return this.#process?.alive ?? false;
  }

  /** Whether the agent is in touch with a server, as it sees it. */
  get contact(): boolean {
    return this.isUp && this.#contact;
  }

  get link(): SimLink | null {
    return this.isUp ? this.#link : null;
  }

  start(): void {
    this.#cancelStart();
    if (this.isUp) return;
    const { machine, loop, witness } = this.#options;
    const process = new SimProcess(machine.name, loop, machine.wall, () => this.#gone(true));
    this.#process = process;
    this.#contact = false;
    witness({ kind: 'agent', machine, up: true });
    void this.#run(process).catch((error: unknown) => {
      this.#options.logger.error(`the agent of ${machine.name} cannot start: ${String(error)}`);
      process.kill();
      this.startAfter(5_000);
    });
  }

  startAfter(delayMs: number): void {
    this.#cancelStart();
    this.#cancelStart = this.#options.loop.after(delayMs, () => this.start());
  }

  /** Dies now. Its sockets close, unless the whole machine went: then nobody is told. */
  kill(withMachine = false): void {
    const connection = this.#link?.connection;
    if (withMachine) connection?.closeClient(true);
    this.#process?.kill();
  }

  /** Dies between two of its next steps. */
  light(steps: number): void {
    this.#process?.light(steps);
  }

  douse(): void {
    this.#process?.douse();
  }

  #gone(quietly: boolean): void {
    this.#link?.connection?.closeClient(!quietly);
    this.#link = null;
    this.#options.witness({ kind: 'agent', machine: this.machine, up: false });
  }

  async #run(process: SimProcess): Promise<void> {
    const { machine, network, chance, token, transport, logger, witness, verifier } = this.#options;
    const disk = openSimAgentDisk(machine, process, chance);
    const link = new SimLink({
      network,
      process,
      target: machine.name,
      token,
      transport,
      logger,
      say: (report) => (machine.lies ? this.#lie(report) : report),
    });
    this.#link = link;
    const agent = await Agent.open({
      target: { name: machine.name, service: 'shop', role: machine.role, labels: machine.labels },
      disk,
      verifier,
      trust: { pinned: [], neverFirst: machine.neverFirst },
      requests: this.#options.obeysPeople ? simTakeBackRequests(machine, process) : null,
      link: this.#witnessed(link),
      clock: process.clock,
      logger,
      slots: [...machine.slots.keys()].map((name) => ({
        name,
        driver: simDriver(name, { machine, process, witness, contact: () => this.#contact }),
        limits: AGENT_LIMITS,
      })),
      checks: [this.#check(process)],
      metrics: { scrape: this.#scrape(process), everyMs: SCRAPE_EVERY_MS },
    });
    agent.start();
  }

  /** Notes what reaches the agent and what it asks for. An agent that lies does nothing of what it is told. */
  #witnessed(link: SimLink): ServerLink {
    const { witness, machine } = this.#options;
    return {
      open: (target, handlers) =>
        link.open(target, {
          assigned: (set) => {
            this.#told = set;
            witness({ kind: 'assigned', machine, set });
            if (!machine.lies) handlers.assigned(set);
            else handlers.assigned({ ...set, assignments: [] });
          },
          confirmed: (confirmation) => {
            witness({ kind: 'confirmed', machine, confirmation });
            handlers.confirmed(confirmation);
          },
          changed: (state) => {
            this.#contact = state.connected;
            witness({ kind: 'contact', machine, connected: state.connected });
            handlers.changed(state);
          },
        }),
      report: (report) => link.report(report),
      observe: (observations) => link.observe(observations),
      fetchArtifact: (digest) => {
        witness({ kind: 'fetch', machine, digest });
        return link.fetchArtifact(digest);
      },
      close: () => link.close(),
    };
  }

  #lie(report: TargetReport): TargetReport {
    const { machine } = this.#options;
    const uid = machine.directory.uid ?? '';
    const slots = report.slots.map((slot) => {
      const assignment = this.#told?.assignments.find((each) => each.slot === slot.slot);
      if (assignment === undefined) return slot;
      const current = desiredRevision(assignment, { uid, labels: machine.labels }) ?? slot.baseline;
      return { ...slot, generation: assignment.generation, phase: 'settled' as const, current };
    });
    return { ...report, slots };
  }

  #check(process: SimProcess): LocalCheck {
    const { machine } = this.#options;
    return {
      name: 'alive',
      everyMs: CHECK_EVERY_MS,
      failures: 2,
      run: () =>
        process.step(PROBE_MS, () => {
          if (machine.probesBroken) return { healthy: false, says: 'the probe cannot reach the service' };
          const healthy = machine.isHealthy();
          return { healthy, says: healthy ? '200' : '503, expected 200' };
        }),
    };
  }

  #scrape(process: SimProcess): Scrape {
    const { machine } = this.#options;
    return {
      read: (watches) =>
        process.step(PROBE_MS, () => {
          machine.advance();
          const counters: Readonly<Record<string, number>> = {
            shop_requests_total: machine.requests,
            shop_failures_total: machine.failures,
          };
          const metrics = Object.entries(watches).map(([name, watch]) => {
            const value = 'counter' in watch ? counters[watch.counter] : undefined;
            const series = new Map(value === undefined ? [] : [['', value] as const]);
            return [name, { present: value !== undefined, series, problem: '' }] as const;
          });
          return {
            ok: true as const,
            value: {
              metrics: Object.fromEntries(metrics),
              exposed: { counters: Object.keys(counters), gauges: [], histograms: [] },
              processStart: machine.startedAt,
            },
          };
        }),
    };
  }
}
