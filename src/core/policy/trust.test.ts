import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalJson } from '../kernel/canonicalJson.ts';
import type { AnnouncedKey, Signed } from './signed.ts';
import { checkWith, learnKeys, NO_TRUST, type SignatureCheck, type Trust } from './trust.ts';

/** Keys are letters here, ids are `id-` and the letter, and a signature says whose it is. `adapters/signing/` has real ones. */
const check: SignatureCheck = {
  verify: (publicKey, document, signature) => signature === `${publicKey} ${canonicalJson(document)}`,
  keyId: (publicKey) => `id-${publicKey}`,
};
const sign = <T>(by: string, document: T): Signed<T> => ({
  document,
  key: `id-${by}`,
  signature: `${by} ${canonicalJson(document)}`,
});

function key(publicKey: string, by: string | null = null, retiredBy: string | null = null): AnnouncedKey {
  const id = `id-${publicKey}`;
  return {
    id,
    publicKey,
    announcement: by === null ? null : sign(by, { kind: 'key', publicKey } as const),
    retirement: retiredBy === null ? null : sign(retiredBy, { kind: 'key-retired', key: id } as const),
  };
}
const trusts = (...publicKeys: string[]): Trust => ({
  keys: publicKeys.map((publicKey) => ({ id: `id-${publicKey}`, publicKey })),
  retired: [],
});
const shown = ({ keys, retired }: Trust) => [keys.map(({ publicKey }) => publicKey).join(''), retired.join(' ')];

describe('whom an agent trusts', () => {
  const table: readonly (readonly [why: string, Trust, readonly AnnouncedKey[], keys: string, retired: string])[] = [
    ['first contact: what is in use', NO_TRUST, [key('a', null, 'b'), key('b')], 'b', 'id-a'],
    ['first contact with a server that says nothing', NO_TRUST, [], '', ''],
    ['a new key that a trusted one announces', trusts('a'), [key('a'), key('b', 'a')], 'ab', ''],
    ['a new key that nobody announces: another server', trusts('a'), [key('b')], 'a', ''],
    ['a new key that a stranger announces', trusts('a'), [key('b', 'c'), key('c')], 'a', ''],
    ['a new key that announces itself', trusts('a'), [key('b', 'b')], 'a', ''],
    ['a chain that it has missed, in any order', trusts('a'), [key('c', 'b'), key('b', 'a')], 'abc', ''],
    ['a key replaced and retired while it was away', trusts('a'), [key('a', null, 'b'), key('b', 'a')], 'ab', 'id-a'],
    ['a retirement that a stranger signed', trusts('a'), [key('a', null, 'x')], 'a', ''],
    ['a key that retires itself', trusts('a'), [key('a', null, 'a')], 'a', ''],
    ['what a retired key announces', { ...trusts('a', 'b'), retired: ['id-a'] }, [key('c', 'a')], 'ab', 'id-a'],
    ['a retirement that is not said any more', { ...trusts('a', 'b'), retired: ['id-a'] }, [key('a')], 'ab', 'id-a'],
    ['a key under the id of another', trusts('a'), [{ ...key('b', 'a'), id: 'id-a' }], 'a', ''],
    [
      'an announcement of another key',
      trusts('a'),
      [{ ...key('b'), announcement: sign('a', { kind: 'key', publicKey: 'c' } as const) }],
      'a',
      '',
    ],
  ];
  for (const [why, before, announced, keys, retired] of table) {
    it(why, () => {
      const after = learnKeys(before, announced, check);
      assert.deepEqual(shown(after), [keys, retired]);
      assert.equal(learnKeys(after, announced, check), after, 'heard again, nothing is new');
    });
  }

  it('judges by that', () => {
    const judge = checkWith({ ...trusts('a', 'b'), retired: ['id-b'] }, check);
    assert.equal(judge(sign('a', 'words')), null);
    assert.equal(judge(sign('b', 'words')), 'retired-key');
    assert.equal(judge(sign('c', 'words')), 'unknown-key');
    assert.equal(judge({ ...sign('a', 'words'), document: 'others' }), 'bad-signature');
  });
});
