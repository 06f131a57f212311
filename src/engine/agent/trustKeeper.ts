import { z } from 'zod';
import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import { judgePermits } from '../../core/policy/judgePermit.ts';
import type { Leaves } from '../../core/policy/permit.ts';
import type { AnnouncedKey, PublicKey } from '../../core/policy/signed.ts';
import { checkWith, learnKeys, NO_TRUST, type SignatureCheck, type Trust } from '../../core/policy/trust.ts';
import type { Assignment } from '../../core/rollout/assignment.ts';
import type { Target } from '../../core/topology/target.ts';
import { type AgentDisk, AgentDiskError } from '../ports/agentDisk.ts';
import type { AssignmentSet } from '../ports/fleet.ts';
import type { Logger } from '../ports/logger.ts';
import type { Verifier } from '../ports/signer.ts';

/** What the agent's own file says about whom to believe, and what never to do. Nothing that a server sends changes it. */
export interface TrustOptions {
  /** Public keys, in hexadecimal. Empty: the keys of the first server that is met are taken, and kept. */
  readonly pinned: readonly string[];
  /** This target is never in a first stage. */
  readonly neverFirst: boolean;
}

/** Keeps the keys that the agent trusts in its directory, and judges by them what the server orders (law 23). */
export class TrustKeeper {
  readonly #options: TrustOptions;
  readonly #disk: AgentDisk;
  readonly #logger: Logger;
  readonly #check: SignatureCheck;
  #trust: Trust;

  private constructor(options: TrustOptions, disk: AgentDisk, verifier: Verifier, logger: Logger, trust: Trust) {
    this.#options = options;
    this.#disk = disk;
    this.#logger = logger;
    this.#check = {
      verify: (publicKey, document, signature) =>
        verifier.verify(publicKey, Buffer.from(canonicalJson(document)), signature),
      keyId: (publicKey) => verifier.keyId(publicKey),
    };
    this.#trust = trust;
  }

  /** Rejects with an {@link AgentDiskError} when what was kept cannot be trusted: then nothing is, rather than anything. */
  static async open(options: TrustOptions, disk: AgentDisk, verifier: Verifier, logger: Logger): Promise<TrustKeeper> {
    const pinned: Trust = { keys: options.pinned.map((key) => pinnedKey(key, verifier)), retired: [] };
    const kept = readTrust(await disk.readRecord('trust'));
    const known = new Set(pinned.keys.map(({ id }) => id));
    // What is pinned is added to what was learnt: the file may be the way out when a server has lost its keys.
    const keys = [...pinned.keys, ...kept.keys.filter(({ id }) => !known.has(id))];
    return new TrustKeeper(options, disk, verifier, logger, { ...kept, keys });
  }

  learn(announced: readonly AnnouncedKey[]): void {
    const before = this.#trust;
    const trust = learnKeys(before, announced, this.#check);
    if (trust === before) return;
    this.#trust = trust;
    const named = (keys: readonly PublicKey[]) => keys.map(({ id }) => id).join(', ');
    if (before.keys.length === 0) {
      this.#logger.info(`trusts the signing keys of the first server it has met: ${named(trust.keys)}`);
    } else {
      const added = trust.keys.filter(({ id }) => !before.keys.some((key) => key.id === id));
      if (added.length > 0)
        this.#logger.info(`trusts a new signing key, which a trusted one announced: ${named(added)}`);
      const retired = trust.retired.filter((id) => !before.retired.includes(id));
      if (retired.length > 0)
        this.#logger.info(`signing keys are retired and refused from now on: ${retired.join(', ')}`);
    }
    this.#disk
      .writeRecord('trust', canonicalJson({ version: 1, ...trust }))
      .catch((error: unknown) => this.#logger.error(`the trusted keys cannot be kept: ${String(error)}`));
  }

  judge(assignment: Assignment, { permits, serverTime }: AssignmentSet, target: Target): Leaves {
    const check = checkWith(this.#trust, this.#check);
    return judgePermits(assignment, { permits, serverTime, check, target, neverFirst: this.#options.neverFirst });
  }
}

function pinnedKey(publicKey: string, verifier: Verifier): PublicKey {
  return { id: verifier.keyId(publicKey), publicKey };
}

const record = z.strictObject({
  version: z.literal(1),
  keys: z.array(z.strictObject({ id: z.string(), publicKey: z.string() })),
  retired: z.array(z.string()),
});

function readTrust(text: string | null): Trust {
  if (text === null) return NO_TRUST;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const read = record.safeParse(value);
  if (read.success) return { keys: read.data.keys, retired: read.data.retired };
  throw new AgentDiskError(
    'corrupt',
    'the record of trusted keys cannot be used: pin the keys in the agent’s file (trust.keys) and remove the record',
  );
}
