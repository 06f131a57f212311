import { Agreements } from './agreements.ts';
import type { Fact } from './fact.ts';
import { EPOCH } from './kernel/simProcess.ts';
import { LogBook } from './logBook.ts';
import type { Scene } from './scene.ts';
import type { Machine } from './target/machine.ts';

/** What checkers judge by: the world as it is, the log as it stands on the disk, and who runs and since when. */
export class Truth {
  readonly scene: Scene;
  readonly confirmWithinMs: number;
  readonly log = new LogBook();
  readonly agreements = new Agreements();
  /** Since when each server serves. */
  readonly serversUp = new Map<string, number>();
  #diskFullAt = Number.NEGATIVE_INFINITY;
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #byUid = new Map<string, Machine>();

  constructor(scene: Scene, confirmWithinMs: number) {
    this.scene = scene;
    this.confirmWithinMs = confirmWithinMs;
    this.#machines = new Map(scene.machines.map((machine) => [machine.name, machine]));
  }

  get now(): number {
    return this.scene.loop.now;
  }

  /** What the record's clock shows now. */
  get serverTime(): number {
    return EPOCH + this.now + this.scene.serverWall.offsetMs;
  }

  take(fact: Fact): void {
    if (fact.kind === 'appended') {
      for (const event of fact.events) {
        this.log.take(event, this.now);
        this.agreements.take(event);
      }
    }
    if (fact.kind === 'server') {
      if (fact.up) this.serversUp.set(fact.server, this.now);
      else this.serversUp.delete(fact.server);
    }
  }

  /** Takes note of what is no fact but a state. */
  look(): void {
    if (this.scene.database.full) this.#diskFullAt = this.now;
  }

  /** The machine with this identity; `null` when it has none of its own (it was never one of ours). */
  machineOf(uid: string): Machine | null {
    const known = this.#byUid.get(uid);
    // Installed anew, it is somebody else.
    if (known !== undefined) return known.directory.uid === uid ? known : null;
    const name = this.log.targets.get(uid);
    const machine = name === undefined ? undefined : this.#machines.get(name);
    if (machine === undefined || machine.directory.uid !== uid) return null;
    this.#byUid.set(uid, machine);
    return machine;
  }

  uidOf(machine: Machine): string {
    return machine.directory.uid ?? '';
  }

  /** The one server that serves, has for so long, and could write to its disk all that time; `null`: there is none, or there are two. */
  serverSince(spanMs: number): string | null {
    const [only, ...others] = this.serversUp;
    if (only === undefined || others.length > 0 || this.now - this.#diskFullAt < spanMs) return null;
    const [server, since] = only;
    return this.now - since >= spanMs ? server : null;
  }
}
