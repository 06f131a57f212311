import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { PackageSlot } from '../../../../wire/manifest/slot/packageSlot.ts';
import { type PackageDescriptor, packageStatement } from '../../../../wire/package/packageDescriptor.ts';
import type { MakePlace } from '../../contract/kindPlace.ts';
import type { DriverTools } from '../../driverTools.ts';
import { packageDriver } from '../../package.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
/** A publisher that was made for this run of the tests. */
export const PUBLISHER = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');

/** What its publisher says of an archive. */
export function describe(
  archive: Uint8Array,
  version: string,
  rest: Partial<PackageDescriptor> = {},
): PackageDescriptor {
  const said = {
    name: 'shop',
    version,
    sha256: createHash('sha256').update(archive).digest('hex'),
    size: archive.length,
    ...rest,
  };
  return {
    ...said,
    key: PUBLISHER,
    signature: sign(null, packageStatement(said), privateKey).toString('hex'),
    ...rest,
  };
}

/** A real archive with a program and a link in it. */
export async function archiveOf(folder: string, version: string): Promise<Uint8Array> {
  const tree = join(folder, version);
  await mkdir(join(tree, 'bin'), { recursive: true });
  await writeFile(join(tree, 'version'), version);
  await writeFile(join(tree, 'bin', 'shop'), `#!/bin/sh\necho ${version}\n`);
  await chmod(join(tree, 'bin', 'shop'), 0o755);
  await symlink('../version', join(tree, 'bin', 'about'));
  execFileSync('tar', ['--create', '--gzip', '--file', `${tree}.tar.gz`, '--directory', tree, '.']);
  return readFile(`${tree}.tar.gz`);
}

/** Serves these bytes, also from the middle. */
export async function serveArchives(
  archives: Readonly<Record<string, Uint8Array>>,
): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    const bytes = archives[request.url?.slice(1) ?? ''];
    if (bytes === undefined) return response.writeHead(404).end();
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
      'content-length': bytes.length - start,
    });
    return response.end(bytes.subarray(start));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** `legacy`: there was a link before, to a version that nobody of ours had put there. */
export function packagePlace({ legacy }: { readonly legacy: boolean }): (tools: DriverTools) => MakePlace {
  return (tools) => async (folder) => {
    const source = join(folder, 'source');
    const directory = join(folder, 'shop');
    for (const path of [source, join(directory, 'legacy-1.0', 'bin')]) await mkdir(path, { recursive: true });
    await writeFile(join(directory, 'legacy-1.0', 'version'), 'legacy');
    if (legacy) await symlink('legacy-1.0', join(directory, 'current'));
    const archives = { two: await archiveOf(source, '2.0.0'), three: await archiveOf(source, '3.0.0') };
    const { server, origin } = await serveArchives(archives);
    const revision = (name: 'two' | 'three') =>
      Buffer.from(
        JSON.stringify(describe(archives[name], name === 'two' ? '2.0.0' : '3.0.0', { url: `${origin}/${name}` })),
      );
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
    const current = join(directory, 'current');
    return {
      source: { slot: 'package/shop', spec, target: tools.target() },
      driver: () => packageDriver(spec, tools),
      revisions: [revision('two'), revision('three')],
      effect: async () => {
        const link = await readlink(current).catch(() => null);
        if (link === null) return 'nothing';
        const files = await readdir(current, { recursive: true });
        return `${link}: ${await readFile(join(current, 'version'), 'utf8')} ${files.sort().join(' ')}`;
      },
      spoil: () => writeFile(join(current, 'version'), 'meddled with'),
      litter: () => readdir(directory, { recursive: true }),
      close: async () => {
        server.close();
        server.closeAllConnections();
      },
    };
  };
}
