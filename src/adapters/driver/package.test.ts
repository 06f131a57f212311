import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { driverTools } from '../../../test/support/driverTools.ts';
import { DriverError } from '../../engine/ports/driver.ts';
import type { PackageSlot } from '../../wire/manifest/slot/packageSlot.ts';
import type { PackageDescriptor } from '../../wire/package/packageDescriptor.ts';
import { revisionOf } from './contract/driverProofs.ts';
import { inspectArchive } from './inspectArchive.ts';
import { packageDriver } from './package.ts';
import { archiveOf, describe as descriptorOf, PUBLISHER, serveArchives } from './testing/places/packagePlace.ts';

const SIGNAL = new AbortController().signal;
const TOOLS = driverTools();

function folderOf(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-package-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Entry {
  readonly name: string;
  readonly type?: string;
  readonly link?: string;
  readonly mode?: number;
  readonly content?: string;
  /** What the header claims, whatever there is. */
  readonly size?: number;
}

/** An archive as no honest tar would write it. */
function tarOf(entries: readonly Entry[], end = true): Buffer {
  const blocks = entries.flatMap(
    ({ name, type = '0', link = '', mode = 0o644, content = '', size = content.length }) => {
      const header = Buffer.alloc(512);
      header.write(name, 0);
      header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
      header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
      header.write('        ', 148);
      header.write(type, 156);
      header.write(link, 157);
      header.write('ustar\x0000', 257);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
      body.write(content);
      return [header, body];
    },
  );
  return Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)]);
}

const pax = (records: string) => ({ name: 'pax', type: 'x', content: records });

describe('package: an archive is looked through before any of it is unpacked', () => {
  const LIMITS = { bytes: 10_000, entries: 10 };
  const file = (name: string) => ({ name });

  // biome-ignore format: a table
  const ARCHIVES: readonly (readonly [what: string, bytes: Buffer, says: RegExp | null])[] = [
    ['files, folders and links inside', tarOf([{ name: './', type: '5' }, { name: './a/', type: '5' }, { name: './a/b', content: 'x' }, { name: 'c', type: '2', link: 'a/b' }, { name: 'a/d', type: '2', link: '../c' }, { name: 'e', type: '1', link: 'a/b' }]), null],
    ['the same, compressed', gzipSync(tarOf([file('a')])), null],
    ['a name of more than 100 letters', tarOf([pax(`114 path=${'x'.repeat(104)}\n`), file('short')]), null],
    ['a name that climbs', tarOf([file('a/../../b')]), /"a\/\.\.\/\.\.\/b" would land outside its folder/],
    ['an absolute name', tarOf([file('/etc/passwd')]), /would land outside/],
    ['an absolute name in an extension', tarOf([pax('20 path=/etc/passwd\n'), file('a')]), /would land outside/],
    ['a link that climbs', tarOf([{ name: 'a', type: '2', link: '../b' }]), /"a" links to "\.\.\/b", outside its folder/],
    ['an absolute link', tarOf([{ name: 'a', type: '2', link: '/etc' }]), /outside its folder/],
    ['a link that climbs behind another link', tarOf([{ name: 'p/', type: '5' }, { name: 'p/d', type: '2', link: '..' }, { name: 'p/e', type: '2', link: 'd/..' }]), /"p\/e" links to "d\/\.\."/],
    ['a file below a link', tarOf([{ name: 'a', type: '2', link: 'b' }, file('a/c')]), /lies below "a", which is no folder/],
    ['another name for what is not in it', tarOf([{ name: 'a', type: '1', link: '/etc/shadow' }]), /is another name for "\/etc\/shadow"/],
    ['a device', tarOf([{ name: 'a', type: '3' }]), /is neither a file, a folder nor a link/],
    ['a pipe', tarOf([{ name: 'a', type: '6' }]), /is neither/],
    ['a program that runs as its owner', tarOf([{ name: 'a', mode: 0o4755 }]), /would run as somebody else/],
    ['the same name twice', tarOf([file('a'), file('./a')]), /comes twice/],
    ['too much', tarOf([{ name: 'a', content: 'x'.repeat(10_001) }]), /unpacked it would be more than 10000 bytes/],
    ['too much, by what it claims', tarOf([{ name: 'a', size: 8_000_000_000 }]), /unpacked it would be more than/],
    ['a bomb', gzipSync(Buffer.alloc(50_000_000, tarOf([{ name: 'a', content: 'x' }], false))), /comes twice|more than/],
    ['too many', tarOf(Array.from({ length: 11 }, (_, at) => file(`f${at}`))), /or 10 entries/],
    ['a file with holes', tarOf([pax('22 GNU.sparse.major=1\n'), file('a')]), /files with holes/],
    ['nothing', tarOf([]), /there is nothing in it/],
    ['no archive at all', Buffer.from('x'.repeat(2000)), /no tar archive/],
    ['half a one', tarOf([{ name: 'a', content: 'x'.repeat(900) }]).subarray(0, 700), /breaks off in the middle/],
    ['a damaged compression', Buffer.concat([gzipSync(tarOf([file('a')])).subarray(0, 30), Buffer.alloc(50)]), /cannot be read/],
  ];
  for (const [what, bytes, says] of ARCHIVES) {
    it(`${says === null ? 'takes' : 'refuses'} ${what}`, async (test) => {
      const path = join(folderOf(test), 'archive');
      writeFileSync(path, bytes);
      const found = await inspectArchive(path, LIMITS, SIGNAL);
      if (says === null) assert.deepEqual(found, { ok: true, value: undefined });
      else assert.match(found.ok ? 'it is taken' : found.error, says);
    });
  }
});

async function place(test: TestContext) {
  const folder = folderOf(test);
  const directory = join(folder, 'shop');
  mkdirSync(directory);
  const archive = await archiveOf(folder, '2.0.0');
  const served: Record<string, Uint8Array> = { two: archive };
  const { server, origin } = await serveArchives(served);
  test.after(() => server.close());
  const spec: PackageSlot = {
    kind: 'package',
    directory,
    keys: [PUBLISHER],
    unpacked: { bytes: 1_000_000, entries: 100 },
    reload: null,
    restart: null,
    verify: null,
    watchForMs: 0,
  };
  const revision = (rest: Partial<PackageDescriptor> = {}, version = '2.0.0', bytes: Uint8Array = archive) =>
    revisionOf(Buffer.from(JSON.stringify(descriptorOf(bytes, version, { url: `${origin}/two`, ...rest }))));
  const driver = packageDriver(spec, TOOLS);
  const prepare = async (next = revision()) => driver.prepare(next, await driver.read(SIGNAL), SIGNAL);
  return { folder, directory, archive, served, origin, revision, driver, prepare };
}

const failsWith =
  (says: RegExp, passing = false) =>
  (error: unknown) => {
    assert.ok(error instanceof DriverError, String(error));
    assert.match(error.message, says);
    assert.deepEqual([error.touched, error.passing], [false, passing]);
    return true;
  };

describe('package: what is believed', () => {
  it('a publisher whose key the slot does not name is refused, and nothing is fetched', async (test) => {
    const at = await place(test);
    await assert.rejects(at.prepare(at.revision({ key: 'a'.repeat(64) })), failsWith(/none of the keys of the slot/));
    assert.deepEqual(readdirSync(at.directory), []);
  });

  it('a descriptor that was changed after it was signed is refused', async (test) => {
    const at = await place(test);
    const honest = JSON.parse(Buffer.from(at.revision().bytes ?? []).toString()) as PackageDescriptor;
    const changed = (rest: Partial<PackageDescriptor>) =>
      revisionOf(Buffer.from(JSON.stringify({ ...honest, ...rest })));
    for (const rest of [{ version: '9.9.9' }, { sha256: 'b'.repeat(64) }, { size: 5 }, { name: 'till' }])
      await assert.rejects(at.prepare(changed(rest)), failsWith(/the signature of .* is not that of its key/));
    await at.prepare(changed({ url: `${at.origin}/two` }));
  });

  it('other bytes than the signed ones are thrown away, however they came', async (test) => {
    const at = await place(test);
    at.served.two = Buffer.alloc(at.archive.length, 1);
    await assert.rejects(at.prepare(), failsWith(/what was fetched for shop 2\.0\.0 is [0-9a-f]{64}, expected/, true));
    at.served.two = at.archive;
    await at.prepare();
  });

  it('what is no descriptor is refused in words', async (test) => {
    const at = await place(test);
    for (const [bytes, says] of [
      ['no', /it is not JSON; "ringfence package sign" makes one/],
      ['{"link": "/etc"}', /expected /],
      ['{}', /version: letters[\s\S]*sha256: 64/],
    ] as const)
      await assert.rejects(at.prepare(revisionOf(Buffer.from(bytes))), failsWith(says));
  });

  it('a signed archive that is larger than the slot takes is not unpacked', async (test) => {
    const at = await place(test);
    const large = gzipSync(tarOf([{ name: 'zeros', content: '0'.repeat(1_000_001) }]));
    at.served.two = large;
    await assert.rejects(
      at.prepare(at.revision({}, '5.5.5', large)),
      failsWith(/unpacked it would be more than 1000000 bytes/),
    );
  });

  it('a signed archive that would climb out is not unpacked', async (test) => {
    const at = await place(test);
    const evil = tarOf([{ name: '../escaped', content: 'x' }]);
    at.served.two = evil;
    await assert.rejects(
      at.prepare(at.revision({}, '6.6.6', evil)),
      failsWith(/is not unpacked: "\.\.\/escaped" would land outside/),
    );
    assert.ok(!readdirSync(join(at.directory, 'versions', '..')).includes('escaped'));
  });
});

describe('package: downloads', () => {
  it('go on where they stopped', async (test) => {
    const at = await place(test);
    const ranges: (string | undefined)[] = [];
    let breaks = true;
    const server = createServer((request, response) => {
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      ranges.push(request.headers.range);
      response.writeHead(start > 0 ? 206 : 200, start > 0 ? { 'content-range': `bytes ${start}-` } : {});
      if (!breaks) return response.end(at.archive.subarray(start));
      breaks = false;
      return response.end(at.archive.subarray(0, 100));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    test.after(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/two`;
    await assert.rejects(
      at.prepare(at.revision({ url })),
      failsWith(/cannot be fetched now: .* it broke off after 100 of/, true),
    );
    // As the agent does when it starts again and still wants it.
    await at.driver.tidy(null, new Set([at.revision({ url }).content]));
    await at.prepare(at.revision({ url }));
    assert.deepEqual(ranges, [undefined, 'bytes=100-']);
  });

  it('that cannot be had now may be had later', async (test) => {
    const at = await place(test);
    for (const url of [`${at.origin}/gone`, 'http://127.0.0.1:1/two'])
      await assert.rejects(at.prepare(at.revision({ url })), failsWith(/cannot be fetched now: GET http/, true));
  });

  it('of what lies at the control plane need one', async (test) => {
    const at = await place(test);
    const { url: _, ...rest } = descriptorOf(at.archive, '2.0.0');
    await assert.rejects(
      at.prepare(revisionOf(Buffer.from(JSON.stringify(rest)))),
      failsWith(/it lies at the control plane, which this agent does not know/, true),
    );
  });
});

describe('package: versions side by side', () => {
  it('law 8: keeps what it is told to keep and what is in force, and nothing else', async (test) => {
    const at = await place(test);
    const revisions = [];
    for (const version of ['1.0.0', '2.0.0', '3.0.0', '4.0.0']) {
      const archive = await archiveOf(join(at.folder, 'all', version), version);
      at.served[version] = archive;
      const next = at.revision({ url: `${at.origin}/${version}` }, version, archive);
      const back = await at.driver.read(SIGNAL);
      await at.driver.prepare(next, back, SIGNAL);
      await at.driver.apply(next, back.content, SIGNAL);
      assert.equal(await at.driver.verify(next, SIGNAL), 'link');
      revisions.push(next);
    }
    const [first, , third, fourth] = revisions;
    assert.ok(first && third && fourth);
    await at.driver.tidy(null, new Set([first.content]));
    const versions = readdirSync(join(at.directory, 'versions')).filter((name) => !name.endsWith('.json'));
    assert.deepEqual(versions.sort(), [first, fourth].map(({ content }) => content.slice(7)).sort());
    await at.driver.undo(first, fourth.content, SIGNAL, 'reload');
    assert.equal(readlinkSync(join(at.directory, 'current')), `versions/${first.content.slice(7)}`);
    await assert.rejects(at.driver.undo(third, first.content, SIGNAL, 'reload'), /is not in .* any more/);
    assert.equal(
      readlinkSync(join(at.directory, 'current')),
      `versions/${first.content.slice(7)}`,
      'the link never leads nowhere',
    );
  });

  it('a folder where the link should be is said', async (test) => {
    const at = await place(test);
    mkdirSync(join(at.directory, 'current'));
    await assert.rejects(at.driver.read(SIGNAL), failsWith(/current is not a link: move it away, and link to it/));
  });
});
