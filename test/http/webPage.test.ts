import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildConsole, CONSOLE_DIRECTORY } from '../../scripts/console/buildConsole.ts';
import { type ApiUnderTest, startApi } from './apiUnderTest.ts';

const PAGE = '<!doctype html><script type="module" src="/assets/main-1.js"></script>';
/** What a browser sends when somebody follows a link. */
const NAVIGATION = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let api: ApiUnderTest;
let directory: string;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ringfence-web-'));
  const put = (name: string, text: string) => writeFileSync(join(directory, name), text);
  mkdirSync(join(directory, 'assets'));
  put('index.html', PAGE);
  put('assets/main-1.js', 'export const two = 2;\n');
  put('assets/main-1.css', 'body { margin: 0 }');
  put('notes.md', 'not for everyone');
  put('.built-from', 'nor this');
  symlinkSync('/etc/hostname', join(directory, 'host.css'));
  api = await startApi({ webDirectory: directory });
});
after(async () => {
  await api?.close();
  rmSync(directory, { recursive: true });
});

const get = (path: string, headers = {}) => api.call({ path, headers, as: 'nobody' });

test('the page comes without a token, under a strict content-security-policy', async () => {
  const page = await get('/');
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
});

test('a place inside the console is the page, to a browser that goes there; never what belongs to the API', async () => {
  for (const path of ['/rollouts/shop-2', '/changes/sha256:00', '/nothing/here']) {
    const place = await get(path, NAVIGATION);
    assert.deepEqual([place.status, place.text], [200, PAGE], path);
    assert.match(place.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal((await get(path)).status, 404, 'a program that guesses is told so');
  }
  for (const path of ['/v1/nothing', '/v2', '/assets/main-2.js'])
    assert.equal((await get(path, NAVIGATION)).status, 404, path);
});

test('what the build has named by its content is kept for ever, the page itself is asked for again; both come packed', async () => {
  const script = await get('/assets/main-1.js');
  assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  const page = await get('/');
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  const again = await get('/', { 'if-none-match': page.headers.get('etag') ?? '' });
  assert.deepEqual([again.status, again.text], [304, '']);
  const plain = await get('/assets/main-1.css', { 'accept-encoding': 'identity' });
  assert.deepEqual([plain.headers.get('content-encoding'), plain.text], [null, 'body { margin: 0 }']);
  const packed = await get('/assets/main-1.css', { 'accept-encoding': 'gzip' });
  assert.deepEqual([packed.headers.get('content-encoding'), packed.text], ['gzip', 'body { margin: 0 }']);
});

test('what is not part of the page is not there', async () => {
  for (const path of [
    '/notes.md',
    '/host.css',
    '/index.html',
    '//etc/hostname',
    '/.built-from',
    '/assets/../notes.md',
  ]) {
    assert.equal((await get(path)).status, 404, path);
  }
  assert.equal((await api.call({ method: 'POST', path: '/assets/main-1.js', body: {} })).status, 405);
});

test('the console of this repository: nothing inline, everything that it names is served, and the first load is under 250 KB', async () => {
  await buildConsole();
  assert.equal(await buildConsole(), false, 'what has not changed is not built again');
  const real = await startApi({ webDirectory: CONSOLE_DIRECTORY });
  try {
    const page = await real.call({ path: '/', as: 'nobody' });
    assert.doesNotMatch(page.text, /<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?:\/\//);
    const open = ['/'];
    const seen = new Set(open);
    let bytes = 0;
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const response = await fetch(real.origin + path, { headers: { 'accept-encoding': 'gzip' } });
      assert.equal(response.status, 200, path);
      const file = Buffer.from(await response.arrayBuffer());
      bytes += Number(response.headers.get('content-length'));
      const text = file.toString('utf8');
      for (const [, next = ''] of text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"|import\(?["'](\.\/[^"']+)["']/g)) {
        if (next !== '' && !seen.has(next)) open.push(next);
        seen.add(next);
      }
    }
    assert.ok(seen.size >= 4, [...seen].join(' '));
    assert.ok(bytes > 50_000 && bytes < 250_000, `${bytes} bytes, packed`);
  } finally {
    await real.close();
  }
});
