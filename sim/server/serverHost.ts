import { createCalendar } from '../../src/adapters/calendar/createCalendar.ts';
import { createRules } from '../../src/adapters/rules/createRules.ts';
import { createSigner } from '../../src/adapters/signing/createSigner.ts';
import { createControlPlane } from '../../src/engine/controlplane/createControlPlane.ts';
import type { ControlPlane } from '../../src/engine/ports/controlPlane.ts';
import type { Fleet } from '../../src/engine/ports/fleet.ts';
import type { Logger } from '../../src/engine/ports/logger.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import type { Witness } from '../fact.ts';
import type { Chance } from '../kernel/chance.ts';
import type { EventLoop } from '../kernel/eventLoop.ts';
import { SimProcess, type WallClock } from '../kernel/simProcess.ts';
import type { SimNetwork } from '../net/simNetwork.ts';
import type { SimDatabase } from '../store/simDatabase.ts';
import { SimStore } from '../store/simStore.ts';
import { Gateway } from './gateway.ts';

const DISK_MS = 4;
/** How often whoever runs the server asks whether it is ready, and how long it may say no. */
const WATCH_MS = 1_500;

/** What a deliberate bug may put in front of the ports (`sim/mutants/`). */
export interface ServerWraps {
  readonly store?: (store: Store, database: SimDatabase) => Store;
  readonly fleet?: (fleet: Fleet) => Fleet;
}

export interface ServerHostOptions {
  readonly name: string;
  readonly loop: EventLoop;
  readonly network: SimNetwork;
  readonly database: SimDatabase;
  readonly chance: Chance;
  readonly wall: WallClock;
  readonly witness: Witness;
  readonly logger: Logger;
  readonly confirmWithinMs: number;
  readonly wraps: ServerWraps;
}

/** Runs the real control plane on a simulated machine, and again when it was killed or could not start. */
export class ServerHost {
  readonly name: string;
  readonly #options: ServerHostOptions;
  #process: SimProcess | null = null;
  #gateway: Gateway | null = null;
  #plane: ControlPlane | null = null;
  #retired = false;
  #cancelStart = () => {};

  constructor(options: ServerHostOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** While it serves; `null` otherwise. */
  get plane(): ControlPlane | null {
    return this.#process?.alive ? this.#plane : null;
  }

  get gateway(): Gateway | null {
    return this.#process?.alive ? this.#gateway : null;
  }

  get isUp(): boolean {
    return this.#process?.alive ?? false;
  }

  start(): void {
    this.#cancelStart();
    if (this.isUp) return;
    const { loop, wall, logger, chance } = this.#options;
    const process = new SimProcess(this.name, loop, wall, () => this.#gone());
    this.#process = process;
    void this.#run(process).catch((error: unknown) => {
      logger.error(`${this.name} cannot start: ${String(error)}`);
      process.kill();
      this.startAfter(chance.between(1_000, 5_000));
    });
  }

  startAfter(delayMs: number): void {
    this.#cancelStart();
    if (this.#retired) return;
    this.#cancelStart = this.#options.loop.after(delayMs, () => this.start());
  }

  kill(): void {
    this.#process?.kill();
  }

  /** Dies between two of its next steps. */
  light(steps: number): void {
    this.#process?.light(steps);
  }

  douse(): void {
    this.#process?.douse();
  }

  /** For good: whatever was to start it again later finds it retired. */
  retire(): void {
    this.#retired = true;
    this.kill();
    this.#cancelStart();
  }

  async #run(process: SimProcess): Promise<void> {
    const { database, network, chance, logger, witness, confirmWithinMs, wraps } = this.#options;
    const entropy = { bytes: (count: number) => chance.bytes(count) };
    const bare = new SimStore(
      database,
      (work) => process.step(DISK_MS * chance.between(0.5, 3), work),
      (expected, events) => witness({ kind: 'appended', server: this.name, expected, events }),
    );
    const store = this.#witnessed(wraps.store?.(bare, database) ?? bare);
    const vault = {
      load: () => process.step(DISK_MS, () => [...database.signingSeeds]),
      keep: (_id: string, seed: Uint8Array) => process.step(DISK_MS, () => void database.signingSeeds.push(seed)),
    };
    const plane = await createControlPlane({
      store,
      clock: process.clock,
      calendar: createCalendar(),
      rules: createRules(),
      entropy,
      signer: await createSigner(vault, entropy),
      logger,
      confirmWithinMs,
    });
    const fleet = this.#witnessedFleet(wraps.fleet?.(plane.fleet) ?? plane.fleet);
    const gateway = new Gateway(process, fleet, entropy, logger);
    this.#plane = plane;
    this.#gateway = gateway;
    network.attach(gateway);
    witness({ kind: 'server', server: this.name, up: true });
    this.#watch(process, plane);
  }

  /**
   * A server that was overtaken by another one decides nothing more and says that it is not ready. Whoever runs it starts it again.
   * One whose disk is full is left alone: it goes on by itself.
   */
  #watch(process: SimProcess, plane: ControlPlane): void {
    process.clock.after(WATCH_MS, () => {
      if (plane.readiness().ready || this.#options.database.full) return this.#watch(process, plane);
      process.kill();
      this.startAfter(500);
    });
  }

  #gone(): void {
    const { network, witness } = this.#options;
    if (this.#gateway !== null) {
      network.detach(this.#gateway);
      this.#gateway.abandon();
    }
    this.#gateway = null;
    this.#plane = null;
    witness({ kind: 'server', server: this.name, up: false });
  }

  #witnessed(store: Store): Store {
    const { witness } = this.#options;
    const server = this.name;
    return forwarding(store, {
      append: async (expected, events) => {
        const outcome = await store.append(expected, events);
        if (outcome.outcome === 'appended') witness({ kind: 'acknowledged', server, events: outcome.events });
        return outcome;
      },
    });
  }

  #witnessedFleet(fleet: Fleet): Fleet {
    const { witness } = this.#options;
    const server = this.name;
    const heard = (uid: string) => witness({ kind: 'heard', server, uid });
    return forwarding(fleet, {
      introduce: async (target) => {
        const outcome = await fleet.introduce(target);
        if (outcome.ok) heard(target.uid);
        return outcome;
      },
      observe: (uid, observations) => {
        fleet.observe(uid, observations);
        heard(uid);
      },
      report: (uid, report) => {
        fleet.report(uid, report);
        witness({ kind: 'reported', server, uid, report });
      },
      lost: (uid) => {
        fleet.lost(uid);
        witness({ kind: 'lost', server, uid });
      },
    });
  }
}

/** An object that passes every call on, but for those given. */
export function forwarding<T extends object>(to: T, own: Partial<T>): T {
  return new Proxy(to, {
    get(_, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name);
      const member: unknown = Reflect.get(to, name);
      return typeof member === 'function' ? member.bind(to) : member;
    },
  });
}
