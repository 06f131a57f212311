import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import type { TokenRole } from '../policy/authority.ts';
import type { Change } from '../policy/change.ts';
import type { Agreement } from '../policy/consent.ts';
import type { Freeze } from '../policy/freeze.ts';
import type { Permit } from '../policy/permit.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import type { AnnouncedKey, Signed } from '../policy/signed.ts';
import type { Assignment } from '../rollout/assignment.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { Catalog } from '../topology/catalog.ts';
import type { Service } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import type { Checkpoint } from './checkpoint.ts';

/** Everything that is decided, as the log folds to it. Read-only for everyone; only `evolve` makes the next one. */
export interface World {
  /** Position of the last event folded in. */
  readonly position: number;
  readonly services: ReadonlyMap<string, Service>;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly changes: ReadonlyMap<Digest, Change>;
  /** By name. */
  readonly freezes: ReadonlyMap<string, RecordedFreeze>;
  /** By name: what other catalogues know of who needs whom. */
  readonly catalogs: ReadonlyMap<string, RecordedCatalog>;
  /** By uid. */
  readonly targets: ReadonlyMap<string, Target>;
  /** By `nameKey`: the uid of the target of a service that has this name. */
  readonly targetNames: ReadonlyMap<string, string>;
  /** By `service/role` (see `roleKey`): how many targets it has. None: it is not there. */
  readonly roleSizes: ReadonlyMap<string, number>;
  readonly rollouts: ReadonlyMap<string, Rollout>;
  /** By `service/role/slot` (see `assignmentKey`). */
  readonly assignments: ReadonlyMap<string, Assignment>;
  /** By `service/role`: the leave for what its assignments order now. There is none where nothing is ordered, or evidence was revoked. */
  readonly permits: ReadonlyMap<string, Signed<Permit>>;
  /** By `service/role/slot`: what shows that the last known good finished its rollout. */
  readonly goodPermits: ReadonlyMap<string, Signed<Permit>>;
  /** By `service/role/slot`: the newest last, at most `KEPT_LAST_KNOWN_GOODS`. */
  readonly lastKnownGoods: ReadonlyMap<string, readonly Digest[]>;
  /** By digest of the change (law 18). */
  readonly quarantine: ReadonlyMap<Digest, { readonly rollout: string; readonly says: string; readonly at: Instant }>;
  readonly halted: { readonly by: string; readonly reason: string; readonly at: Instant } | null;
  /** By id, in the order in which they were added; retired ones stay, so that agents hear of it. */
  readonly keys: ReadonlyMap<string, RecordedKey>;
  /** The newest. */
  readonly checkpoint: Signed<Checkpoint> | null;
  /** By token id. Hashes only, never a token. */
  readonly tokens: ReadonlyMap<string, Token>;
  /** Whose token it is, by token id; those that were revoked included. */
  readonly people: ReadonlyMap<string, string>;
  /** By `editionKey`: position of the event that last changed it. */
  readonly editions: ReadonlyMap<string, number>;
  /** By `agreementKey`: what people said of a plan that is not carried out yet. */
  readonly agreements: ReadonlyMap<string, Agreement>;
}

export interface RecordedFreeze {
  readonly freeze: Freeze;
  readonly by: string;
  readonly at: Instant;
}

export interface RecordedCatalog {
  readonly catalog: Catalog;
  readonly by: string;
  readonly at: Instant;
}

export interface RecordedKey extends AnnouncedKey {
  readonly addedAt: Instant;
  readonly retiredAt: Instant | null;
}

export interface Token {
  readonly id: string;
  readonly role: TokenRole;
  readonly name: string;
  /** SHA-256 of the token, hexadecimal. Tokens are 256 random bits, so a plain hash gives nothing away. */
  readonly hash: string;
  readonly at: Instant;
}
