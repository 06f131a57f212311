import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ApiUnderTest, startApi } from './apiUnderTest.ts';

let api: ApiUnderTest;
let directory: string;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ringfence-web-'));
  const put = (name: string, text: string) => writeFileSync(join(directory, name), text);
  put('index.html', '<!doctype html><script type="module" src="/main.js"></script>');
  put('style.css', 'body { margin: 0 }');
  put(
    'main.ts',
    "import { add } from './add.ts';\nimport type { Sum } from './add.ts';\nexport const two: Sum = add(1, 1);\n",
  );
  put('add.ts', 'export type Sum = number;\nexport const add = (a: number, b: number): Sum => a + b;\n');
  put('add.test.ts', 'throw new Error();');
  put('notes.md', 'not for everyone');
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
  assert.doesNotMatch(policy, /unsafe|\*/);
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
  assert.equal((await get('/style.css')).headers.get('content-type'), 'text/css; charset=utf-8');
});

test('TypeScript is served as JavaScript that runs, under a name that ends in .js', async () => {
  const [main, add] = [await get('/main.js'), await get('/add.js')];
  assert.equal(main.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.match(main.text, /from '\.\/add\.js'/);
  const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const loaded = (await import(url(main.text.replace('./add.js', url(add.text))))) as { two: number };
  assert.equal(loaded.two, 2);
});

test('what is not part of the page is not there', async () => {
  for (const path of ['/main.ts', '/add.test.js', '/notes.md', '/host.css', '/index.html', '//etc/hostname']) {
    assert.equal((await get(path)).status, 404, path);
  }
  assert.equal((await api.call({ method: 'POST', path: '/main.js', body: {} })).status, 405);
});

test('a page that the browser has already is not sent again', async () => {
  const tag = (await get('/main.js')).headers.get('etag') ?? '';
  const again = await get('/main.js', { 'if-none-match': tag });
  assert.deepEqual([again.status, again.text], [304, '']);
});

test('the page of this repository: everything that it names is served', async () => {
  const real = await startApi({ webDirectory: join(import.meta.dirname, '..', '..', 'web') });
  try {
    const open = ['/'];
    const seen = new Set(open);
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const file = await real.call({ path, as: 'nobody' });
      assert.equal(file.status, 200, path);
      const named = [...file.text.matchAll(/(?:src|href)="(\/[^"#]*)"|from\s*['"]\.(\/[^'"]+)['"]/g)];
      for (const next of named.map(([, absolute, relative]) => absolute ?? relative ?? '')) {
        if (!seen.has(next)) open.push(next);
        seen.add(next);
      }
    }
    assert.ok(seen.has('/main.js') && seen.has('/style.css') && seen.size > 5, [...seen].join(' '));
  } finally {
    await real.close();
  }
});
