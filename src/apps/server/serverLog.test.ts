import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPort, createLog } from './serverLog.ts';

function logged(isTTY: boolean): { readonly stderr: { isTTY: boolean; write(text: string): void }; text(): string } {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  return { stderr: { isTTY, write }, text: () => text };
}

test('machines get lines of JSON, and nobody gets the header that carries a token', () => {
  const { stderr, text } = logged(false);
  const log = createLog('info', stderr);
  log.info({ headers: { authorization: 'Bearer rfa_secret' } }, 'asked');
  log.info({ req: { headers: { authorization: 'Bearer rfa_secret' } }, token: 'rfa_secret' }, 'asked');
  log.debug('not at this level');
  const lines = text().trim().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
    ['asked', 'asked'],
  );
  assert.equal(text().includes('rfa_secret'), false);
});

test('people get words, one line each, whatever stands in them', () => {
  const { stderr, text } = logged(true);
  asPort(createLog('info', stderr)).warn('the target is late', {
    target: 'shop-1',
    says: 'line one\nline two\u001b[2J',
  });
  const said = 'warn  the target is late target=shop-1 says="line one\\nline two\\u001b[2J"';
  assert.equal(text().replace(/^\d\d:\d\d:\d\d /, ''), `${said}\n`);
});
