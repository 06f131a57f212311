import { randomBytes } from 'node:crypto';
import type { Target } from '../../core/topology/target.ts';
import type { ControlPlane, TargetView } from '../../engine/ports/controlPlane.ts';
import { type FleetChangeBody, TARGET_STANDINGS, type TargetStanding } from '../../wire/http/fleet.ts';

/** Most targets that one message introduces: a browser draws between two of them. */
const JOINED_AT_ONCE = 5000;
/** What one look may cost. A fleet that is larger than that is looked at in turns. */
const LOOK_MS = 8;
/** Looked at between two glances at the clock. */
const STRIDE = 256;

const CODES = Object.fromEntries(TARGET_STANDINGS.map((name, code) => [name, code])) as Record<TargetStanding, number>;

type Kind = FleetChangeBody['kinds'][number];
type Holding = FleetChangeBody['holdings'][number];

/**
 * How every target stands, for whoever watches the whole fleet. Nothing is kept for a watcher: each row remembers with which step of the
 * board it last changed, so what anybody has not heard yet is found from their cursor. A watcher who is slow hears the newest alone.
 */
export class FleetBoard {
  readonly #controlPlane: Pick<ControlPlane, 'world' | 'targetView'>;
  readonly #boot = randomBytes(4).toString('hex');
  #era = 0;
  #step = 1;
  #next = 0;
  #seen: ReadonlyMap<string, Target> = new Map();
  /** Uids by row. */
  #rows: string[] = [];
  readonly #known = new Set<string>();
  /** They have enrolled, and have no row yet; the next one last. */
  #waiting: Target[] = [];
  #admitting: NodeJS.Immediate | null = null;
  #standings = new Uint8Array(1024);
  #kindOf = new Uint32Array(1024);
  #holdingOf = new Uint32Array(1024);
  #changedAt = new Uint32Array(1024);
  readonly #kinds = new Numbered<Kind>();
  readonly #holdings = new Numbered<Holding>();

  constructor(controlPlane: Pick<ControlPlane, 'world' | 'targetView'>) {
    this.#controlPlane = controlPlane;
  }

  /** Looks at as many targets as a look may cost, in turns; at those that are new as soon as the process has nothing better to do. */
  look(): void {
    this.#step++;
    this.#notice();
    const until = performance.now() + LOOK_MS;
    for (let looked = 0; looked < this.#rows.length; looked++) {
      if (looked % STRIDE === STRIDE - 1 && performance.now() > until) return;
      if (this.#next >= this.#rows.length) this.#next = 0;
      this.#update(this.#next++);
    }
  }

  close(): void {
    if (this.#admitting !== null) clearImmediate(this.#admitting);
  }

  /** What somebody with this cursor has not heard, or the first part of it; `null`: nothing. */
  since(cursor: string): FleetChangeBody | null {
    const told = this.#read(cursor);
    const known = told?.targets ?? 0;
    const until = Math.min(this.#rows.length, known + JOINED_AT_ONCE);
    const at: number[] = [];
    const step = told?.step ?? 0;
    for (let row = 0; row < known; row++) if ((this.#changedAt[row] ?? 0) > step) at.push(row);
    for (let row = known; row < until; row++) at.push(row);
    if (told !== null && at.length === 0) return null;
    const uids = this.#rows.slice(known, until);
    const { targets } = this.#controlPlane.world();
    return {
      cursor: [this.#boot, this.#era, this.#step, until, this.#kinds.size, this.#holdings.size].join('.'),
      reset: told === null,
      total: this.#rows.length + this.#waiting.length,
      kinds: this.#kinds.after(told?.kinds ?? 0),
      holdings: this.#holdings.after(told?.holdings ?? 0),
      joined: { uids, names: uids.map((uid) => targets.get(uid)?.name ?? uid) },
      changed: {
        at,
        standings: at.map((row) => TARGET_STANDINGS[this.#standings[row] ?? 0] ?? 'unheard'),
        kinds: at.map((row) => this.#kindOf[row] ?? 0),
        holdings: at.map((row) => this.#holdingOf[row] ?? 0),
      },
    };
  }

  /** `null`: of another board, or of this one before somebody was forgotten. */
  #read(cursor: string): { step: number; targets: number; kinds: number; holdings: number } | null {
    const [boot, era, ...counts] = cursor.split('.');
    const [step = 0, targets = 0, kinds = 0, holdings = 0] = counts.map(Number);
    const isOurs =
      boot === this.#boot &&
      Number(era) === this.#era &&
      counts.length === 4 &&
      !counts.some((one) => !/^\d+$/.test(one));
    return isOurs && targets <= this.#rows.length ? { step, targets, kinds, holdings } : null;
  }

  /** Whoever is new gets a row after those that are there. Whoever is forgotten makes the board begin anew: that is rare. */
  #notice(): void {
    const { targets } = this.#controlPlane.world();
    if (targets === this.#seen) return;
    this.#seen = targets;
    const isMissing = this.#rows.some((uid) => !targets.has(uid)) || this.#waiting.some(({ uid }) => !targets.has(uid));
    if (isMissing) {
      this.#era++;
      this.#rows = [];
      this.#waiting = [];
      this.#known.clear();
      this.#next = 0;
    }
    const joined = [...targets.values()].filter(({ uid }) => !this.#known.has(uid));
    for (const { uid } of joined) this.#known.add(uid);
    this.#waiting = [...joined.sort(byPlace).reverse(), ...this.#waiting];
    this.#admit();
  }

  /** A large fleet gets its rows in slices, between which everything else goes on. */
  #admit(): void {
    this.#admitting = null;
    const until = performance.now() + LOOK_MS;
    while (this.#waiting.length > 0) {
      if (this.#rows.length % STRIDE === STRIDE - 1 && performance.now() > until) {
        this.#admitting ??= setImmediate(() => this.#admit());
        return;
      }
      const target = this.#waiting.pop();
      if (target === undefined) return;
      this.#grow(this.#rows.length + 1);
      this.#changedAt[this.#rows.length] = 0;
      this.#update(this.#rows.push(target.uid) - 1);
    }
  }

  #grow(rows: number): void {
    if (rows <= this.#standings.length) return;
    const capacity = 2 ** Math.ceil(Math.log2(rows));
    const wider = <T extends Uint8Array | Uint32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#standings = wider(this.#standings, new Uint8Array(capacity));
    this.#kindOf = wider(this.#kindOf, new Uint32Array(capacity));
    this.#holdingOf = wider(this.#holdingOf, new Uint32Array(capacity));
    this.#changedAt = wider(this.#changedAt, new Uint32Array(capacity));
  }

  #update(row: number): void {
    const view = this.#controlPlane.targetView(this.#rows[row] ?? '');
    if (view === null) return;
    const standing = CODES[standingOf(view)];
    const kind = this.#kinds.numberOf(kindOf(view.target));
    const holding = this.#holdings.numberOf(holdingOf(view));
    const isNew = (this.#changedAt[row] ?? 0) === 0;
    const isSame = this.#standings[row] === standing && this.#kindOf[row] === kind && this.#holdingOf[row] === holding;
    if (isSame && !isNew) return;
    this.#standings[row] = standing;
    this.#kindOf[row] = kind;
    this.#holdingOf[row] = holding;
    this.#changedAt[row] = this.#step;
  }
}

/** Neighbours on the board are alike. */
function byPlace(a: Target, b: Target): number {
  return compare(a.service, b.service) || compare(a.role, b.role) || compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Gives equal things one number, in the order in which they first came. */
class Numbered<T> {
  readonly #items: T[] = [];
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#items.length;
  }

  numberOf(item: T): number {
    const key = JSON.stringify(item);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#items.length);
    return this.#items.push(item) - 1;
  }

  after(count: number): T[] {
    return this.#items.slice(count);
  }
}

function kindOf({ service, role, labels }: Target): Kind {
  return { service, role, labels: { ...labels } };
}

function holdingOf({ target: { service }, report }: TargetView): Holding {
  if (report === null) return { service, slots: null };
  const isBaseline = (current: string | null, baseline: string | null) => current !== null && current === baseline;
  const slots = report.slots.map(({ slot, current, baseline }) => {
    return [slot, { digest: current, isBaseline: isBaseline(current, baseline) }] as const;
  });
  return { service, slots: Object.fromEntries(slots) };
}

function standingOf({ connected, report, desired }: TargetView): TargetStanding {
  if (!connected) return 'gone';
  if (report === null) return 'unheard';
  const { slots, checks } = report;
  if (slots.some(({ phase }) => phase === 'failed')) return 'failed';
  if (checks.some(({ healthy }) => !healthy)) return 'unwell';
  if (slots.some(({ phase }) => phase === 'reverting')) return 'reverting';
  if (slots.some(({ phase }) => phase !== 'settled')) return 'changing';
  const isBehind = slots.some(
    ({ slot, current, baseline }) => slot in desired && current !== (desired[slot] ?? baseline),
  );
  return isBehind ? 'behind' : 'settled';
}
