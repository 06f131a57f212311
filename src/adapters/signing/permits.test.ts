import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import { judgePermits } from '../../core/policy/judgePermit.ts';
import type { Permit, StageEvidence } from '../../core/policy/permit.ts';
import type { Signed } from '../../core/policy/signed.ts';
import { checkWith } from '../../core/policy/trust.ts';
import type { Assignment } from '../../core/rollout/assignment.ts';
import { permit as permitSchema, readDocument } from '../../wire/agent/signedDocument.ts';
import { ed25519, type SigningKey, signingKey } from './ed25519.ts';

const KEY = signingKey(Buffer.alloc(32, 1));
const CHANGE: Digest = `sha256:${'c'.repeat(64)}`;
const OPENINGS = ['canary', 'pilot'].map((stage) => ({ stage, targets: { ring: [stage] }, below: 1 }));
const SCOPE = { service: 'shop', role: 'web', rollout: 'shop-1', change: CHANGE } as const;
const ASSIGNMENT: Assignment = {
  ...{ service: 'shop', role: 'web', slot: 'config/shop', generation: 9, lastKnownGood: null },
  candidate: { rollout: 'shop-1', change: CHANGE, artifact: CHANGE, openings: OPENINGS },
};
const EVIDENCE: StageEvidence = {
  kind: 'evidence',
  ...SCOPE,
  ...{ stage: 'canary', index: 0, outcome: 'pass', rehearsedAt: 1, exposure: 412, issued: 10, expires: 9_000 },
  checks: [{ check: 'errors', outcome: 'pass', says: 'web: 0 of 412' }],
};

function sign<T>(document: T, key: SigningKey = KEY): Signed<T> {
  return { document, key: key.id, signature: key.sign(Buffer.from(canonicalJson(document))) };
}
function permitWith(evidence: Signed<StageEvidence>): Permit {
  const stage = { name: 'pilot', index: 1, opened: 100 };
  const rest = { stage, openings: OPENINGS, generation: 9, issued: 100, expires: 9_000, evidence: [evidence] };
  return { kind: 'permit', ...SCOPE, slots: { 'config/shop': CHANGE }, ...rest };
}

/** As an agent does: reads the bytes, then judges what they say. */
function judge(bytes: Uint8Array, key: string, signature: string): string {
  const read = readDocument(bytes, permitSchema);
  if (!read.ok) return 'illegible';
  const check = checkWith(
    { keys: [KEY], retired: [] },
    {
      verify: (publicKey, document, signed) => ed25519.verify(publicKey, Buffer.from(canonicalJson(document)), signed),
      keyId: ed25519.keyId,
    },
  );
  const permits = [{ document: read.value, key, signature }];
  const target = { uid: 'f'.repeat(32), labels: { ring: 'pilot' } };
  const { candidate } = judgePermits(ASSIGNMENT, { permits, serverTime: 200, check, target, neverFirst: true });
  return candidate.granted ? 'granted' : candidate.code;
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

describe('with real signatures', () => {
  const whole = sign(permitWith(sign(EVIDENCE)));
  const bytes = Buffer.from(canonicalJson(whole.document));
  const bit = fc.nat(bytes.length * 8 - 1);

  it('what was signed is granted', () => assert.equal(judge(bytes, whole.key, whole.signature), 'granted'));

  it('law 23: no single bit of a permit, its evidence included, can be changed', () => {
    for (let at = 0; at < bytes.length * 8; at++) {
      assert.notEqual(judge(flipped(bytes, at), whole.key, whole.signature), 'granted', `bit ${at}`);
    }
  });

  it('nor of its signature or its key', () => {
    for (let at = 0; at < 512; at++) {
      const signature = Buffer.from(flipped(Buffer.from(whole.signature, 'hex'), at)).toString('hex');
      assert.equal(judge(bytes, whole.key, signature), 'bad-signature', `bit ${at}`);
    }
    for (let at = 0; at < 64; at++) {
      const key = Buffer.from(flipped(Buffer.from(whole.key, 'hex'), at)).toString('hex');
      assert.equal(judge(bytes, key, whole.signature), 'unknown-key', `bit ${at}`);
    }
  });

  it('laws 2 and 3: nor of evidence, by somebody who can have permits signed but not evidence', () => {
    const evidence = Buffer.from(canonicalJson(sign(EVIDENCE)));
    fc.assert(
      fc.property(bit, (at) => {
        let changed: Signed<StageEvidence>;
        try {
          changed = JSON.parse(Buffer.from(flipped(evidence, at)).toString('utf8'));
        } catch {
          return;
        }
        const permit = sign(permitWith(changed));
        assert.notEqual(judge(Buffer.from(canonicalJson(permit.document)), permit.key, permit.signature), 'granted');
      }),
      { numRuns: 2_000 },
    );
  });

  it('evidence that another key signed is none', () => {
    const permit = sign(permitWith(sign(EVIDENCE, signingKey(Buffer.alloc(32, 2)))));
    assert.equal(
      judge(Buffer.from(canonicalJson(permit.document)), permit.key, permit.signature),
      'evidence-unknown-key',
    );
  });
});
