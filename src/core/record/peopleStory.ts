import type { TokenRole } from '../policy/authority.ts';
import type { Change } from '../policy/change.ts';
import type { Conditions } from '../policy/conditions.ts';
import type { FreezeWindow } from '../policy/freeze.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import { assessment, CHANGE, pipeline, TARGETS } from '../rollout/fixtures.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { Service } from '../topology/service.ts';
import { type Command, decideCommand } from './decideCommand.ts';
import type { RecordedEvent } from './event.ts';
import { EMPTY_WORLD, evolveWorld } from './evolveWorld.ts';
import { markBreakGlass } from './markBreakGlass.ts';
import type { World } from './world.ts';

/** A control plane without its engine, for tests of what people may do to each other's changes. */

export const SERVICE: Service = {
  name: 'shop',
  roles: ['api', 'web'],
  slots: { 'config/shop': { roles: ['api', 'web'], schema: null, maxBytes: 1_000 } },
  metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
  dependsOn: [],
};

/** By token: who holds it, and as what. Bob has two. */
export const PEOPLE = {
  ann: ['ann', 'author'],
  bob: ['bob', 'approver'],
  bob2: [' Bob', 'author'],
  carol: ['carol', 'approver'],
  olga: ['olga', 'operator'],
  ada: ['ada', 'admin'],
  vic: ['vic', 'viewer'],
} as const satisfies Readonly<Record<string, readonly [name: string, role: TokenRole]>>;

export type TokenId = keyof typeof PEOPLE;

/** Ann wrote it. */
export const BY_ANN: Change = { ...CHANGE, author: 'token:ann' };

export class PeopleStory {
  world: World = EMPTY_WORLD;
  readonly log: RecordedEvent[] = [];
  now = 0;
  freezes: readonly FreezeWindow[] = [];

  constructor(asked: Pipeline['approvals'], more: Partial<Pipeline> = {}, change: Change = BY_ANN) {
    for (const [id, [name, role]] of Object.entries(PEOPLE))
      this.do('engine', { type: 'issueToken', token: { id, name, role, hash: id, at: 0 } });
    const through = pipeline({ ...more, ...(asked === undefined ? {} : { approvals: asked }) });
    this.do('engine', {
      type: 'apply',
      manifests: [
        { kind: 'Service', service: SERVICE },
        { kind: 'Pipeline', pipeline: through },
        { kind: 'Change', change },
      ],
    });
    for (const target of TARGETS) this.do('engine', { type: 'enrol', target });
  }

  /** The types of what was recorded, or why it was refused. */
  do(who: TokenId | 'engine', command: Command): string[] {
    const actor = who === 'engine' ? who : `token:${who}`;
    const decision = decideCommand(this.world, command, this.now, actor);
    if (!decision.ok) return decision.error.map((refusal) => `refused ${refusal.code}`);
    const events = markBreakGlass(this.world, decision.value, this.now).map((event, index) => ({
      ...event,
      position: this.world.position + 1 + index,
      at: this.now,
      actor,
    }));
    this.log.push(...events);
    this.world = evolveWorld(this.world, events);
    return events.map((event) => event.type);
  }

  get conditions(): Conditions {
    return {
      offline: new Set(),
      metric: () => 'present',
      exposedCounters: [],
      freezes: this.freezes,
    };
  }

  start(who: TokenId, change = BY_ANN): string[] {
    return this.do(who, { type: 'start', change: change.digest, pipeline: 'shop', conditions: this.conditions });
  }

  word(who: TokenId, type: 'approve' | 'reject' | 'withdraw', before: string | null = null, change = BY_ANN): string[] {
    const of = { change: change.digest, pipeline: 'shop', rollout: null };
    return this.do(who, { type, of, before, reason: 'looked at it' });
  }

  glass(who: TokenId, type: 'confirm' | 'end' | number): string[] {
    const of = { change: BY_ANN.digest, pipeline: 'shop', rollout: null };
    if (typeof type === 'number')
      return this.do(who, { type: 'askBreakGlass', of, reason: 'the shop is down', forMs: type });
    return this.do(who, { type: `${type}BreakGlass`, of });
  }

  get running(): Rollout | undefined {
    return [...this.world.rollouts.values()].findLast(({ endedAt }) => endedAt === null);
  }

  /** A look, some time later; all is well with the targets. */
  assess(more: Parameters<typeof assessment>[0] = {}, laterMs = 6_000): string[] {
    this.now += laterMs;
    const seen = assessment({ freezes: this.freezes, lineHalted: this.world.halted !== null, ...more });
    return this.do('engine', {
      type: 'rollout',
      id: this.running?.id ?? '',
      input: { type: 'assess', assessment: seen },
    });
  }

  /** Looks until nothing happens any more; gives all that did. */
  settle(): string[] {
    const all: string[] = [];
    for (let quiet = 0, looks = 0; quiet < 2 && looks < 200 && this.running !== undefined; looks++) {
      const happened = this.assess();
      quiet = happened.length === 0 ? quiet + 1 : 0;
      all.push(...happened);
    }
    return all;
  }
}
