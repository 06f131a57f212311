import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../kernel/canonicalJson.ts';
import type { Signed } from '../policy/signed.ts';
import type { SignatureCheck } from '../policy/trust.ts';
import {
  auditEvent,
  type ChainedEvent,
  contradicts,
  EMPTY_AUDIT,
  endsElsewhere,
  type RecordAudit,
} from './auditRecord.ts';

/** Keys are letters here, ids are `id-` and the letter, a signature says whose it is, and hashes are made of the position. */
const check: SignatureCheck = {
  verify: (publicKey, document, signature) => signature === `${publicKey} ${canonicalJson(document)}`,
  keyId: (publicKey) => `id-${publicKey}`,
};
const sign = <T>(by: string, document: T): Signed<T> => ({
  document,
  key: `id-${by}`,
  signature: `${by} ${canonicalJson(document)}`,
});
const hashAt = (position: number) => position.toString(16).padStart(64, '0');
const at = (position: number, type: string, data: unknown): ChainedEvent => ({
  position,
  at: position,
  type,
  data,
  previousHash: hashAt(position - 1),
  hash: hashAt(position),
});

const added = (publicKey: string, by: string | null = null) => ({
  key: { id: `id-${publicKey}`, publicKey },
  announcement: by === null ? null : sign(by, { kind: 'key', publicKey }),
});
const retired = (publicKey: string, by: string) => ({
  id: `id-${publicKey}`,
  retirement: sign(by, { kind: 'key-retired', key: `id-${publicKey}` }),
});
const document = (position: number) => ({ kind: 'checkpoint', position, hash: hashAt(position), at: 7 });

function audit(events: readonly (readonly [type: string, data: unknown])[]): RecordAudit | string {
  let state = EMPTY_AUDIT;
  for (const [index, [type, data]] of events.entries()) {
    const next = auditEvent(state, at(index + 1, type, data), check);
    if (!next.ok) return next.error;
    state = next.value;
  }
  return state;
}

const A = ['SigningKeyAdded', added('a')] as const;
const B = ['SigningKeyAdded', added('b', 'a')] as const;

describe('law 19: the record judged by its own signatures', () => {
  it('takes checkpoints of the event right before, by keys that are in use by then', () => {
    const state = audit([
      A,
      ['CheckpointSigned', { checkpoint: sign('a', document(1)) }],
      B,
      ['CheckpointSigned', { checkpoint: sign('a', document(3)) }],
      ['SigningKeyRetired', retired('a', 'b')],
      ['CheckpointSigned', { checkpoint: sign('b', document(5)) }],
    ]);
    assert.ok(typeof state !== 'string', String(state));
    assert.equal(state.checkpoints, 3);
    assert.equal(state.newest?.key, 'id-b');
    assert.ok([...state.keys.values()].every(({ vouched }) => vouched));
  });

  it('tells a key that came when there were others and that none of them vouches for', () => {
    const state = audit([A, ['SigningKeyAdded', added('c')]]);
    assert.ok(typeof state !== 'string');
    assert.deepEqual([state.keys.get('id-a')?.vouched, state.keys.get('id-c')?.vouched], [true, false]);
  });

  const checkpoint = (signed: unknown) => [A, ['CheckpointSigned', { checkpoint: signed }]] as const;
  const good = sign('a', document(1));
  const FAULTS: readonly (readonly [what: string, events: readonly (readonly [string, unknown])[], says: RegExp])[] = [
    [
      'of an earlier event',
      [A, B, ['CheckpointSigned', { checkpoint: good }]],
      /of event 1, not of the one right before/,
    ],
    [
      'of another hash',
      checkpoint(sign('a', { ...document(1), hash: hashAt(9) })),
      /was rewritten after it was signed/,
    ],
    ['that was changed', checkpoint({ ...good, document: { ...good.document, at: 8 } }), /key id-a has not signed/],
    ['by a key of nobody', checkpoint(sign('x', document(1))), /id-x, which is not on the record before it/],
    [
      'by a retired key',
      [A, B, ['SigningKeyRetired', retired('a', 'b')], ['CheckpointSigned', { checkpoint: sign('a', document(3)) }]],
      /id-a, which was retired before/,
    ],
    ['of another sort of statement', checkpoint(sign('a', { ...document(1), kind: 'evidence' })), /cannot be read/],
    ['that is missing', checkpoint(undefined), /cannot be read/],
    [
      'a key under the id of another',
      [['SigningKeyAdded', { ...added('a'), key: { id: 'id-b', publicKey: 'a' } }]],
      /not that of its public key/,
    ],
    [
      'a key announced by an unknown one',
      [A, ['SigningKeyAdded', added('b', 'x')]],
      /id-x, which is not on the record/,
    ],
    [
      'a key with the announcement of another',
      [A, ['SigningKeyAdded', { ...added('b'), announcement: sign('a', { kind: 'key', publicKey: 'c' }) }]],
      /is of another key/,
    ],
    ['a retirement of nobody', [A, ['SigningKeyRetired', retired('x', 'a')]], /not on the record before it/],
    [
      'a retirement by an unknown key',
      [A, ['SigningKeyRetired', retired('a', 'x')]],
      /id-x, which is not on the record/,
    ],
  ];
  for (const [what, events, says] of FAULTS) {
    it(`refuses ${what}`, () => {
      const found = audit(events);
      assert.ok(typeof found === 'string', 'it was taken');
      assert.match(found, says);
    });
  }

  it('never throws, whatever an event holds', () => {
    const type = fc.constantFrom('SigningKeyAdded', 'SigningKeyRetired', 'CheckpointSigned', 'Other');
    fc.assert(fc.property(type, fc.anything(), (named, data) => void audit([A, [named, data]])));
  });

  it('a claim from outside is borne out, contradicted, or of an end that is not there', () => {
    const claim = { position: 3, hash: hashAt(3), says: 'a copy' };
    assert.equal(contradicts(at(3, 'x', {}), claim), null);
    assert.equal(contradicts(at(2, 'x', {}), claim), null);
    assert.match(contradicts({ ...at(3, 'x', {}), hash: hashAt(4) }, claim) ?? '', /rewritten since/);
    assert.equal(endsElsewhere(3, claim), null);
    assert.equal(endsElsewhere(9, claim), null);
    assert.match(endsElsewhere(2, claim)?.says ?? '', /cut off, or an older copy/);
    const closed = { ...claim, closed: true };
    assert.equal(endsElsewhere(4, closed), null, 'the checkpoint itself comes last');
    assert.deepEqual([endsElsewhere(3, closed)?.position, endsElsewhere(5, closed)?.position], [4, 5]);
    assert.match(endsElsewhere(5, closed)?.says ?? '', /put in while no server ran/);
  });
});
