import { artifactDigest } from '../../src/adapters/store/artifactDigest.ts';
import type { Content } from '../../src/core/agent/slot.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import type { SlotName } from '../../src/core/topology/service.ts';
import type { Labels } from '../../src/core/topology/target.ts';
import type { Holding, Witness } from '../fact.ts';
import type { Chance } from '../kernel/chance.ts';
import type { EventLoop } from '../kernel/eventLoop.ts';
import type { WallClock } from '../kernel/simProcess.ts';
import { GOOD, type Nature, showsAt } from './nature.ts';

/** Share of requests that fail whatever runs. */
const USUAL_ERRORS = 0.0005;

/** What every target shares: the load on the service, and what revisions really are. */
export interface Surroundings {
  readonly loop: EventLoop;
  readonly natures: ReadonlyMap<Digest, Nature>;
  /** 1 is the usual. */
  load: number;
  readonly witness: Witness;
}

/** The agent's directory on the target's disk. */
export interface AgentDirectory {
  uid: string | null;
  starts: number;
  role: string | null;
  readonly records: Map<SlotName, string>;
  readonly kept: Map<Digest, Uint8Array>;
}

interface SlotTruth {
  file: Content;
  bytes: Uint8Array | null;
  running: Content;
  loadedAt: number;
}

/** One target as it really is: its disk, its files and its running service. It outlives every process of its agent. */
export class Machine {
  readonly name: string;
  readonly role: string;
  readonly labels: Labels;
  readonly wall: WallClock = { offsetMs: 0 };
  readonly directory: AgentDirectory = { uid: null, starts: 0, role: null, records: new Map(), kept: new Map() };
  readonly slots = new Map<SlotName, SlotTruth>();
  readonly baseline = new Map<SlotName, Content>();
  /** Whether its agent ever lied: what it says of the present may still rest on that. */
  hasLied = false;
  wasReinstalled = false;
  #lies = false;
  diskFull = false;
  probesBroken = false;
  /** Its agent's own file says that it is never in a first stage. */
  readonly neverFirst: boolean;
  /** What people at this target have asked its agent for, and it has not answered yet. */
  takeBack: { readonly id: string; readonly at: number } | null = null;
  /** What was taken back here by hand, by slot: it is not taken again for an order alone. */
  readonly takenBack = new Map<SlotName, Content>();
  worstSlowness = 1;
  #slowness = 1;
  /** Requests that the service has answered, by slot and by what it ran in it: what a bake may count at most. */
  readonly served = new Map<string, number>();
  requests = 0;
  failures = 0;
  startedAt = 0;
  readonly #around: Surroundings;
  readonly #chance: Chance;
  readonly #theirs = new Set<Content>();
  readonly #owners = new Map<SlotName, Uint8Array | null>();
  /** What people wrote into a file, and what was in it before. */
  readonly #edits = new Map<
    Content,
    { readonly slot: SlotName; readonly before: Holding; readonly bytes: Uint8Array | null }
  >();
  readonly #perSecond: number;
  #advancedTo = 0;

  constructor(
    spec: { name: string; role: string; labels: Labels; perSecond: number; neverFirst: boolean },
    around: Surroundings,
    chance: Chance,
  ) {
    this.name = spec.name;
    this.role = spec.role;
    this.labels = spec.labels;
    this.neverFirst = spec.neverFirst;
    this.#perSecond = spec.perSecond;
    this.#around = around;
    this.#chance = chance;
  }

  /** What is there before Ringfence comes: a file of its own, or none. */
  installBaseline(slot: SlotName, absent: boolean): void {
    const bytes = absent ? null : Buffer.from(`${slot} as ${this.name} had it`);
    const content: Content = bytes === null ? 'absent' : artifactDigest(bytes);
    this.slots.set(slot, { file: content, bytes, running: content, loadedAt: 0 });
    this.baseline.set(slot, content);
    this.#owners.set(slot, bytes);
    this.#theirs.add(content);
  }

  /** Installed anew under its old name: nothing is left of its agent, nor of what that did. */
  reinstall(): void {
    this.wasReinstalled = true;
    for (const [slot, bytes] of this.#owners) this.writeFile(slot, this.baseline.get(slot) ?? 'absent', bytes);
    this.restartService();
    Object.assign(this.directory, { uid: null, starts: 0, role: null });
    this.directory.records.clear();
    this.directory.kept.clear();
    this.#edits.clear();
    this.takenBack.clear();
    this.takeBack = null;
  }

  /**
   * Somebody edits a file of the service. Before Ringfence first changed the slot that is its owner's right, and the baseline.
   * False: nobody does, because the agent is at it just now.
   */
  edit(slot: SlotName, bytes: Uint8Array): boolean {
    const record = JSON.parse(this.directory.records.get(slot) ?? '{}') as {
      readonly baseline?: object | null;
      readonly phase?: { readonly name: string };
    };
    if (record.phase !== undefined && !['settled', 'failed', 'watching'].includes(record.phase.name)) return false;
    const content = artifactDigest(bytes);
    this.#theirs.add(content);
    const isOwners = (record.baseline ?? null) === null;
    if (isOwners) {
      this.baseline.set(slot, content);
      this.#owners.set(slot, bytes);
    } else this.#edits.set(content, { slot, before: this.holding(slot), bytes: this.fileBytes(slot) });
    this.writeFile(slot, content, bytes);
    // Whoever owns the file knows how to have it read.
    if (isOwners) this.reload(slot);
    return true;
  }

  /** Whether people put this here, at first or by hand, and nobody rolled it out. */
  isTheirs(content: Content): boolean {
    return this.#theirs.has(content);
  }

  /** Whoever edited files puts back what was in them. */
  undoEdits(): void {
    for (const [content, { slot, before, bytes }] of [...this.#edits].reverse()) {
      if (this.holding(slot).file !== content) continue;
      this.writeFile(slot, before.file, bytes);
      this.reload(slot);
    }
  }

  /** Its agent says whatever it was asked for, and does not do it. */
  get lies(): boolean {
    return this.#lies;
  }

  set lies(lies: boolean) {
    this.#lies = lies;
    this.hasLied ||= lies;
  }

  /** Everything its agent does to it takes so many times as long. */
  get slowness(): number {
    return this.#slowness;
  }

  set slowness(times: number) {
    this.#slowness = times;
    this.worstSlowness = Math.max(this.worstSlowness, times);
  }

  /** Nothing it runs misbehaves now. */
  get isQuiet(): boolean {
    return this.#showing().length === 0;
  }

  holding(slot: SlotName): Holding {
    const { file, running } = this.#slot(slot);
    return { file, running };
  }

  fileBytes(slot: SlotName): Uint8Array | null {
    return this.#slot(slot).bytes;
  }

  writeFile(slot: SlotName, content: Content, bytes: Uint8Array | null): void {
    this.#change(slot, (truth) => {
      truth.file = content;
      truth.bytes = bytes;
    });
  }

  /** Tells the service to read its file again. One that has gone deaf does not. */
  reload(slot: SlotName): void {
    this.advance();
    if (this.#isDeaf()) return;
    this.#load(slot);
  }

  /** Power off and on: the service reads all of its files, whatever it was before. */
  restartService(): void {
    this.advance();
    this.requests = 0;
    this.failures = 0;
    this.startedAt = this.#around.loop.now;
    for (const slot of this.slots.keys()) this.#load(slot);
  }

  /** Asks the service how it is. */
  isHealthy(): boolean {
    for (const nature of this.#showing()) {
      if (nature.kind === 'crash') return false;
      if (nature.kind === 'flap' && this.#chance.happens(nature.share)) return false;
    }
    return true;
  }

  /** Lets the requests come in that came since it was last looked at. */
  advance(): void {
    const { loop, load } = this.#around;
    const spanMs = loop.now - this.#advancedTo;
    this.#advancedTo = loop.now;
    const expected = (this.#perSecond * load * spanMs) / 1000;
    const came = Math.floor(expected + this.#chance.next());
    if (came === 0) return;
    let bad = USUAL_ERRORS;
    for (const nature of this.#showing()) if (nature.kind === 'errors') bad = Math.max(bad, nature.share);
    this.requests += came;
    for (let index = 0; index < came; index++) if (this.#chance.happens(bad)) this.failures++;
    for (const [slot, { running }] of this.slots) {
      const key = `${slot}\n${running}`;
      this.served.set(key, (this.served.get(key) ?? 0) + came);
    }
  }

  /** How many requests it has answered at most while it ran this content; looking changes nothing. */
  answeredAtMost(slot: SlotName, content: Content): number {
    const { loop, load } = this.#around;
    const since = (this.#perSecond * load * (loop.now - this.#advancedTo)) / 1000;
    const now = this.#slot(slot).running === content ? Math.ceil(since) + 1 : 0;
    return (this.served.get(`${slot}\n${content}`) ?? 0) + now;
  }

  #isDeaf(): boolean {
    return this.#showing().some(({ kind }) => kind === 'deaf');
  }

  #showing(): readonly Nature[] {
    const { loop, load, natures } = this.#around;
    return [...this.slots.values()].flatMap(({ running, loadedAt }) => {
      const nature = running === 'absent' ? GOOD : (natures.get(running) ?? GOOD);
      return showsAt(nature, this, loop.now - loadedAt, load) ? [nature] : [];
    });
  }

  #load(slot: SlotName): void {
    this.#change(slot, (truth) => {
      if (truth.running === truth.file) return;
      truth.running = truth.file;
      truth.loadedAt = this.#around.loop.now;
    });
  }

  #change(slot: SlotName, change: (truth: SlotTruth) => void): void {
    const before = this.holding(slot);
    change(this.#slot(slot));
    const after = this.holding(slot);
    if (before.file !== after.file || before.running !== after.running)
      this.#around.witness({ kind: 'held', machine: this, slot, before, after });
  }

  #slot(slot: SlotName): SlotTruth {
    const truth = this.slots.get(slot);
    if (truth === undefined) throw new Error(`invariant broken: ${this.name} has no slot ${slot}`);
    return truth;
  }
}
