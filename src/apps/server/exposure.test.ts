import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from './exposure.ts';

test('loopback is this machine alone, whatever it is called', () => {
  for (const host of [
    '127.0.0.1',
    '127.8.9.1',
    '::1',
    'localhost',
    'LocalHost',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
  ]) {
    assert.equal(isLoopback(host), true, host);
  }
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    'deploy.example',
    'localhost.example',
    '127.0.0.1.example',
    '',
  ]) {
    assert.equal(isLoopback(host), false, host);
  }
});
