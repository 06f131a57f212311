import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { systemEntropy } from '../entropy/systemEntropy.ts';
import { createSigner } from './createSigner.ts';
import { ed25519, signingKey } from './ed25519.ts';
import { keyFiles } from './keyFiles.ts';

const BYTES = Buffer.from('what is signed');

function folder(test: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'ringfence-keys-'));
  test.after(() => rmSync(parent, { recursive: true }));
  return join(parent, 'keys');
}

describe('signing keys', () => {
  it('are Ed25519 as RFC 8032 has it', () => {
    const key = signingKey(Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'));
    assert.equal(key.publicKey, 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    const signature =
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
    assert.equal(key.sign(new Uint8Array()), signature);
    assert.equal(ed25519.verify(key.publicKey, new Uint8Array(), signature), true);
  });

  it('verify what they signed, and no other bytes, key or signature; nonsense is only false', () => {
    const [one, other] = [signingKey(Buffer.alloc(32, 1)), signingKey(Buffer.alloc(32, 2))];
    const signature = one.sign(BYTES);
    assert.equal(ed25519.verify(one.publicKey, BYTES, signature), true);
    for (let bit = 0; bit < 512; bit++) {
      const flipped = Buffer.from(signature, 'hex');
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(ed25519.verify(one.publicKey, BYTES, flipped.toString('hex')), false, `bit ${bit}`);
    }
    const wrong = [
      [other.publicKey, signature],
      [one.publicKey, signature.toUpperCase()],
      ['', signature],
      ['f'.repeat(64), signature],
      [one.publicKey, `${signature}00`],
    ] as const;
    for (const [publicKey, signed] of wrong) assert.equal(ed25519.verify(publicKey, BYTES, signed), false);
  });

  it('are files of their owner alone, and the same ones in the same order after a restart', async (test) => {
    const keys = folder(test);
    const first = await createSigner(keyFiles(keys), systemEntropy);
    const made = [await first.makeKey(), await first.makeKey(), await first.makeKey()];
    const second = await createSigner(keyFiles(keys), systemEntropy);
    assert.deepEqual(second.keys, made);
    const [, middle] = made;
    assert.ok(middle);
    assert.equal(second.sign(middle.id, BYTES), first.sign(middle.id, BYTES));
    assert.equal(statSync(keys).mode & 0o777, 0o700);
    for (const name of readdirSync(keys)) assert.equal(statSync(join(keys, name)).mode & 0o777, 0o600, name);
    assert.throws(() => second.sign('0'.repeat(16), BYTES), /there is no signing key/);
  });

  const wrongs: readonly [string, (path: string, keys: string) => void, RegExp][] = [
    ['others can read it', (path) => chmodSync(path, 0o640), /others than its owner can read .*mode 640.*key rotate/],
    [
      'it is cut off',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 20)),
      /not the key that its name/,
    ],
    ['it is another key', (path) => writeFileSync(path, `${'ab'.repeat(32)}\n`), /is not the key that its name says/],
    [
      'it has the name of another',
      (path, keys) => renameSync(path, join(keys, `0001-${'0'.repeat(16)}.key`)),
      /not the key/,
    ],
  ];
  for (const [why, harm, says] of wrongs) {
    it(`a file is refused when ${why}`, async (test) => {
      const keys = folder(test);
      await (await createSigner(keyFiles(keys), systemEntropy)).makeKey();
      harm(join(keys, readdirSync(keys)[0] ?? ''), keys);
      await assert.rejects(createSigner(keyFiles(keys), systemEntropy), says);
    });
  }
});
