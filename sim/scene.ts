import type { Capacity } from '../src/core/topology/capacity.ts';
import type { ControlPlane } from '../src/engine/ports/controlPlane.ts';
import type { Logger } from '../src/engine/ports/logger.ts';
import type { Store } from '../src/engine/ports/store.ts';
import type { StoredEvent } from '../src/wire/storedEvent.ts';
import { type Choices, EDGE_SLOT, SHOP_SLOT } from './choices.ts';
import type { Witness } from './fact.ts';
import { FAULTS, type FaultKind } from './faults.ts';
import type { Chance } from './kernel/chance.ts';
import { EventLoop } from './kernel/eventLoop.ts';
import type { WallClock } from './kernel/simProcess.ts';
import { SimNetwork } from './net/simNetwork.ts';
import { forwarding, ServerHost, type ServerWraps } from './server/serverHost.ts';
import { SimDatabase } from './store/simDatabase.ts';
import { AgentHost } from './target/agentHost.ts';
import { Machine, type Surroundings } from './target/machine.ts';
import { rememberedVerifier } from './target/rememberedVerifier.ts';

export interface SceneOptions {
  readonly choices: Choices;
  readonly chance: Chance;
  readonly witness: Witness;
  readonly logger: Logger;
  readonly wraps: ServerWraps;
}

/** The whole simulated world: machines with their agents, a network, a database with its server or servers. Faults act on it. */
export class Scene {
  readonly loop = new EventLoop();
  readonly database = new SimDatabase();
  readonly serverWall: WallClock = { offsetMs: 0 };
  readonly chance: Chance;
  readonly network: SimNetwork;
  readonly machines: readonly Machine[];
  readonly hosts: readonly AgentHost[];
  readonly servers: ServerHost[] = [];
  /** What agents authenticate with: issued by the first server. */
  token = '';
  /** Who may ask for things, by name: each with a token of their own. */
  readonly actors = new Map<string, string>();
  rings: Rings = 'kept';
  readonly #options: SceneOptions;
  readonly #around: Surroundings;
  #calm = false;
  #cancelFaults: (() => void)[] = [];

  constructor(options: SceneOptions) {
    const { choices, chance, witness, logger } = options;
    this.#options = options;
    this.chance = chance.fork('scene');
    this.network = new SimNetwork(this.loop, chance.fork('network'));
    this.#around = { loop: this.loop, natures: choices.natures, load: 1, witness };
    this.machines = choices.machines.map((spec) => {
      const machine = new Machine(spec, this.#around, chance.fork(`machine ${spec.name}`));
      const slots = spec.role === 'web' ? [SHOP_SLOT, EDGE_SLOT] : [SHOP_SLOT];
      for (const slot of slots) machine.installBaseline(slot, spec.absent.includes(slot));
      return machine;
    });
    const verifier = rememberedVerifier();
    this.hosts = this.machines.map(
      (machine, index) =>
        new AgentHost({
          machine,
          loop: this.loop,
          network: this.network,
          chance: chance.fork(`agent ${machine.name}`),
          token: () => this.token,
          transport: choices.machines[index]?.transport ?? 'stream',
          witness,
          logger,
          verifier,
          obeysPeople: choices.faults.includes('taken-back'),
        }),
    );
    this.servers.push(this.#newServer('server-1'));
  }

  /** A control plane that serves now, the newest first; `null`: none does. */
  get plane(): ControlPlane | null {
    return this.servers.toReversed().find((server) => server.plane !== null)?.plane ?? null;
  }

  /** The floor under the service; `null`: there is none. */
  get capacity(): Capacity | null {
    return this.#options.choices.service.capacity ?? null;
  }

  /** Whether the store hands back other rings than were written. */
  get ringsAreLost(): boolean {
    return this.rings !== 'kept';
  }

  get isCalm(): boolean {
    return this.#calm;
  }

  later(delayMs: number, act: () => void): void {
    this.loop.after(delayMs, () => {
      if (!this.#calm) act();
    });
  }

  anyAgent(): AgentHost {
    return this.chance.pick(this.hosts);
  }

  anyServer(): ServerHost {
    return this.chance.pick(this.servers);
  }

  setLoad(load: number): void {
    for (const machine of this.machines) machine.advance();
    this.#around.load = load;
  }

  /** Starts the agent again once it has died, and that much later. */
  restartAgent(host: AgentHost, delayMs: number): void {
    this.later(200, () => (host.isUp ? this.restartAgent(host, delayMs) : host.startAfter(delayMs)));
  }

  restartServer(server: ServerHost, delayMs: number): void {
    this.later(200, () => (server.isUp ? this.restartServer(server, delayMs) : server.startAfter(delayMs)));
  }

  /** Another server on the same store, as after a careless takeover. The first is ended a while later. */
  secondServer(firstEndsAfterMs: number): void {
    const [first] = this.servers;
    if (first === undefined || this.servers.length > 1) return;
    const second = this.#newServer(`server-${Number(first.name.slice(-1)) + 1}`);
    this.servers.push(second);
    second.start();
    this.later(firstEndsAfterMs, () => {
      first.retire();
      this.servers.splice(this.servers.indexOf(first), 1);
    });
  }

  /** Lets faults happen, each kind by itself, until `calmDown`. */
  unleash(kinds: readonly FaultKind[]): void {
    for (const kind of kinds) {
      const fault = FAULTS[kind];
      const chance = this.chance.fork(`fault ${kind}`);
      const next = () => {
        const cancel = this.loop.after(chance.between(0.2, 1.8) * fault.everyMs, () => {
          if (this.#calm) return;
          this.#options.witness({ kind: 'fault', says: fault.strike(this) });
          next();
        });
        this.#cancelFaults.push(cancel);
      };
      next();
    }
  }

  /** Faults stop, what they changed is put right, and everything that should run runs. Bad revisions stay bad. */
  calmDown(): void {
    this.#calm = true;
    for (const cancel of this.#cancelFaults) cancel();
    this.#cancelFaults = [];
    this.setLoad(1);
    this.database.full = false;
    this.serverWall.offsetMs = 0;
    if (this.ringsAreLost) for (const server of this.servers) server.kill();
    this.rings = 'kept';
    this.network.cut.clear();
    Object.assign(this.network.weather, { lose: 0, repeat: 0, late: 0 });
    while (this.servers.length > 1) this.servers.shift()?.retire();
    for (const server of this.servers) {
      server.douse();
      server.startAfter(100);
    }
    for (const host of this.hosts) {
      const { machine } = host;
      Object.assign(machine, { diskFull: false, probesBroken: false, slowness: 1 });
      host.douse();
      // A liar that is made honest is started anew.
      if (machine.lies) host.kill();
      machine.lies = false;
      machine.undoEdits();
      host.startAfter(100);
    }
  }

  #newServer(name: string): ServerHost {
    const { choices, chance, witness, logger, wraps } = this.#options;
    return new ServerHost({
      name,
      loop: this.loop,
      network: this.network,
      database: this.database,
      chance: chance.fork(name),
      wall: this.serverWall,
      witness,
      logger,
      confirmWithinMs: choices.confirmWithinMs,
      wraps: {
        ...wraps,
        store: (store, database) => this.#corrupting(wraps.store?.(store, database) ?? store),
      },
    });
  }

  #corrupting(store: Store): Store {
    return forwarding(store, {
      read: async (after, limit) => {
        const events = await store.read(after, limit);
        const { guarded } = this.#options.choices;
        return this.ringsAreLost ? events.map((event) => withLostRings(event, this.rings, guarded)) : events;
      },
    });
  }
}

/** As they were written; forgotten, so that every stage selects everyone; or those of another time, each stage with the ring of the next. */
export type Rings = 'kept' | 'open' | 'stale';

interface Staged {
  readonly stages: readonly { readonly targets: object }[];
}

/** What a store hands back that has lost its rings. Where all targets but the first ring's are guarded, the pipelines have lost theirs as well. */
function withLostRings(event: StoredEvent, rings: Rings, guarded: boolean): StoredEvent {
  if (event.type === 'WaveOpened' && rings === 'open') return { ...event, data: { ...event.data, below: 1 } };
  if (event.type !== 'RolloutStarted' && !(event.type === 'PipelineApplied' && guarded)) return event;
  const pipeline = event.data.pipeline as Staged;
  const { stages } = pipeline;
  const lost = stages.map((stage, index) => ({
    ...stage,
    targets: rings === 'open' ? {} : stages[(index + 1) % stages.length]?.targets,
  }));
  return { ...event, data: { ...event.data, pipeline: { ...pipeline, stages: lost } } };
}
