import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Json } from '../../../core/kernel/canonicalJson.ts';
import { CliError } from '../cliError.ts';
import { EXIT_CODES } from '../exitCodes.ts';
import { runCli, temporaryFolder } from '../testing/runCli.ts';
import { loadManifests } from './loadManifests.ts';
import { readSources } from './sources.ts';

const change = (name: string, content: string) => `apiVersion: ringfence.dev/v1
kind: Change
metadata: { name: ${name} }
spec:
  service: shop
  reason: a test
  slots:
    config/shop: ${content}
`;

function slotOf(document: Readonly<Record<string, Json>>): Json {
  const { slots } = document.spec as { slots: Record<string, Json> };
  return slots['config/shop'] ?? null;
}

async function load(folder: string, ...given: string[]) {
  return loadManifests(await readSources(given, folder));
}

test('files of slots are read from beside their manifest, byte for byte', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'deep'));
  const text = '\ufeffgrün\r\n';
  const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x41]);
  writeFileSync(join(folder.path, 'deep', 'text.conf'), text);
  writeFileSync(join(folder.path, 'deep', 'bytes.bin'), bytes);
  writeFileSync(
    join(folder.path, 'deep', 'a.yaml'),
    `${change('a', '{ file: ./text.conf }')}---\n${change('b', '{ file: bytes.bin }')}`,
  );
  const [a, b] = await load(folder.path, 'deep/a.yaml');
  assert.deepEqual(slotOf(a?.document ?? {}), { content: text });
  assert.deepEqual(Buffer.from(a?.contents['config/shop'] ?? []), Buffer.from(text));
  assert.deepEqual(slotOf(b?.document ?? {}), { base64: bytes.toString('base64') });
  assert.deepEqual(Buffer.from(b?.contents['config/shop'] ?? []), bytes);
});

test('content that stands in the manifest is sent as it is', async () => {
  using folder = temporaryFolder();
  writeFileSync(
    join(folder.path, 'a.yaml'),
    `${change('a', '{ content: "x: 1" }')}---\n${change('b', '{ base64: /wA= }')}`,
  );
  const [a, b] = await load(folder.path, 'a.yaml');
  assert.deepEqual(slotOf(a?.document ?? {}), { content: 'x: 1' });
  assert.deepEqual(slotOf(b?.document ?? {}), { base64: '/wA=' });
});

test('a folder gives its manifests by name, each file once, and not what lies in folders in it', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'm', 'inner'), { recursive: true });
  for (const name of ['b.yml', 'a.yaml', 'inner/c.yaml', 'notes.txt']) {
    writeFileSync(join(folder.path, 'm', name), change(name.replace(/\W/g, '-'), '{ content: x }'));
  }
  const loaded = await load(folder.path, 'm', 'm/a.yaml');
  assert.deepEqual(
    loaded.map(({ source, manifest }) => [source.name, manifest.name]),
    [
      ['m/a.yaml', 'a-yaml'],
      ['m/b.yml', 'b-yml'],
    ],
  );
});

const MISTAKES: readonly (readonly [slot: string, expected: RegExp, why: string])[] = [
  [
    '{ file: ./shp.json }',
    /"\.\/shp\.json", which is not there.*did you mean "\.\/shop\.json"\?/,
    'a file that is not there, and one that is nearly',
  ],
  [
    '{ file: nowhere/x }',
    /"nowhere\/x", which is not there, expected a file that can be read/,
    'a folder that is not there',
  ],
  ['{ file: ./folder }', /"\.\/folder", which is a folder/, 'a folder'],
  ['{ file: ./loop }', /"\.\/loop", which cannot be read \(ELOOP\)/, 'a link that leads nowhere'],
  ['{ file: ./large }', /a file of 16777217 bytes, expected at most 16777216/, 'a file that no slot can hold'],
];

for (const [slot, expected, why] of MISTAKES) {
  test(`a slot's file: ${why}: said at its place in the manifest`, async () => {
    using folder = temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    writeFileSync(at('shop.json'), '{}');
    mkdirSync(at('folder'));
    symlinkSync('loop', at('loop'));
    if (slot.includes('large')) writeFileSync(at('large'), Buffer.alloc(16 * 1024 * 1024 + 1));
    writeFileSync(at('a.yaml'), change('a', slot));
    await assert.rejects(load(folder.path, 'a.yaml'), (error: CliError) => {
      assert.equal(error.exit, 'usage');
      const [head, source, mark] = error.details.extract ?? [];
      assert.match(head ?? '', /^a\.yaml:8:26: spec\.slots\["config\/shop"\]\.file: found /);
      assert.match(head ?? '', expected);
      assert.match(source ?? '', /8 \| {5}config\/shop: \{ file: /);
      assert.equal((mark ?? '').indexOf('^'), (source ?? '').indexOf(slot.slice(8, -2)));
      return true;
    });
  });
}

test('every mistake of every file is said at once, and the same manifest twice is one', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'a.yaml'), change('a', '{ content: x }'));
  writeFileSync(join(folder.path, 'b.yaml'), change('a', '{ content: y }'));
  writeFileSync(join(folder.path, 'c.yaml'), change('c', '{ content: x }').replace('Change', 'Chang'));
  const { code, stdout, stderr } = await runCli(['validate', '-f', '.'], { cwd: folder.path });
  assert.equal(code, EXIT_CODES.usage.code);
  assert.equal(stdout, '');
  assert.match(stderr, /^ringfence: 2 mistakes in c\.yaml and b\.yaml:\n/);
  assert.match(
    stderr,
    /c\.yaml:2:7: kind: found the text "Chang".*did you mean "Change"\?\n +2 \| kind: Chang\n +\| +\^\^\^\^\^\n/,
  );
  assert.match(stderr, /b\.yaml:\d+:\d+: found a second Change "a", expected each once; the first is in a\.yaml/);
});

test('with --json the mistakes are data', async () => {
  using folder = temporaryFolder();
  const { stderr } = await runCli(['validate', '-f', '-', '--json'], { cwd: folder.path, stdin: 'kind: Chang\n' });
  const { error } = JSON.parse(stderr) as { error: { code: string; problems: { file: string; path: string }[] } };
  assert.equal(error.code, 'manifest-invalid');
  assert.ok(error.problems.some(({ file, path }) => file === '<stdin>' && path === 'kind'));
});

const UNREADABLE: readonly (readonly [given: string, says: RegExp, why: string])[] = [
  ['nope.yaml', /nope\.yaml cannot be read: there is no such file or folder/, 'not there'],
  ['empty', /the folder empty holds no manifest/, 'a folder without manifests'],
  ['latin.yaml', /latin\.yaml is not text in UTF-8/, 'not text'],
];

for (const [given, says, why] of UNREADABLE) {
  test(`-f: ${why}`, async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'empty'));
    writeFileSync(join(folder.path, 'latin.yaml'), Buffer.from([0x67, 0x72, 0xfc, 0x6e]));
    await assert.rejects(
      load(folder.path, given),
      (error: Error) => error instanceof CliError && error.exit === 'usage' && says.test(error.message),
    );
  });
}

test('a valid set is listed, from stdin as well', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'a.yaml'), change('a', '{ content: x }'));
  const { code, stdout } = await runCli(['validate', '-f', 'a.yaml', '-f', '-'], {
    cwd: folder.path,
    stdin: change('b', '{ content: y }'),
  });
  assert.equal(stdout, 'valid  Change/a  a.yaml\nvalid  Change/b  <stdin>\n');
  assert.equal(code, 0);
});
