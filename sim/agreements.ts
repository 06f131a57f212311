import type { DomainEvent } from '../src/core/record/event.ts';
import type { StoredEvent } from '../src/wire/storedEvent.ts';

/** Break-glass as somebody asked for it. Moments as on the record. */
export interface Glass {
  readonly askedBy: string;
  readonly reason: string;
  readonly expires: number;
  confirmedBy: string | null;
}

export interface Said {
  /** By gate, then by person: the newest word. */
  readonly words: Map<string, Map<string, 'approved' | 'rejected'>>;
  glass: Glass | null;
}

interface PlanName {
  readonly change: string;
  readonly pipeline: string;
}

/** What people said of each other's plans, as the log has it, read without the code that is judged. */
export class Agreements {
  /** Names of people, by the id of their token. */
  readonly #people = new Map<string, string>();
  readonly #authors = new Map<string, string>();
  readonly #starters = new Map<string, string>();
  readonly #plans = new Map<string, Said>();

  take(stored: StoredEvent): void {
    const event = { type: stored.type, data: stored.data } as unknown as DomainEvent;
    switch (event.type) {
      case 'TokenIssued':
        this.#people.set(event.data.token.id, event.data.token.name);
        return;
      case 'ChangeApplied':
        this.#authors.set(event.data.change.digest, this.#personOf(event.data.change.author));
        return;
      case 'RolloutStarted':
        this.#starters.set(event.data.id, this.#personOf(stored.actor));
        return;
      case 'ApprovalGiven':
      case 'ApprovalRejected': {
        const { plan, before, person } = event.data;
        const { words } = this.on(plan);
        const verdict = event.type === 'ApprovalGiven' ? 'approved' : 'rejected';
        words.set(before, new Map([...(words.get(before) ?? []), [person, verdict]]));
        return;
      }
      case 'ApprovalWithdrawn':
        this.on(event.data.plan).words.get(event.data.before)?.delete(event.data.person);
        return;
      case 'BreakGlassAsked': {
        const { plan, person, expires, reason } = event.data;
        this.on(plan).glass = { askedBy: person, expires, reason, confirmedBy: null };
        return;
      }
      case 'BreakGlassConfirmed': {
        const { glass } = this.on(event.data.plan);
        if (glass !== null) glass.confirmedBy = event.data.person;
        return;
      }
      case 'BreakGlassEnded':
        this.on(event.data.plan).glass = null;
        return;
    }
  }

  on({ change, pipeline }: PlanName): Said {
    const key = `${change} ${pipeline}`;
    const said = this.#plans.get(key) ?? { words: new Map(), glass: null };
    this.#plans.set(key, said);
    return said;
  }

  /** Whether two people have broken the glass for it, with a reason, and it is not over at this moment of the record. */
  isBroken(plan: PlanName, at: number): boolean {
    const { glass } = this.on(plan);
    if (glass === null || glass.confirmedBy === null) return false;
    return glass.confirmedBy !== glass.askedBy && glass.reason !== '' && at < glass.expires;
  }

  authorOf(change: string): string | undefined {
    return this.#authors.get(change);
  }

  starterOf(rollout: string): string | undefined {
    return this.#starters.get(rollout);
  }

  #personOf(actor: string): string {
    return this.#people.get(actor.replace('token:', '')) ?? actor;
  }
}
