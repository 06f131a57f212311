import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatListenAddress, parseListenAddress } from './serverOptions.ts';

test('addresses to listen on are read, and written as they are read', () => {
  for (const text of ['127.0.0.1:4600', '[::1]:4600', 'localhost:0', '0.0.0.0:65535']) {
    const address = parseListenAddress(text);
    assert.ok(address !== null, text);
    assert.equal(formatListenAddress(address), text);
  }
  for (const text of [
    '',
    '4600',
    ':4600',
    'localhost',
    'localhost:',
    '::1:4600',
    '[::1]',
    'a b:1',
    'localhost:65536',
    'localhost:-1',
    'http://localhost:1',
  ]) {
    assert.equal(parseListenAddress(text), null, text);
  }
});
