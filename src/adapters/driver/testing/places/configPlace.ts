import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigSlot } from '../../../../wire/manifest/slot/configSlot.ts';
import { configDriver } from '../../config.ts';
import type { MakePlace } from '../../contract/kindPlace.ts';
import type { DriverTools } from '../../driverTools.ts';
import { startTinyService } from '../startTinyService.ts';

/** A file slot with nothing said. */
export const PLAIN_FILE = {
  mode: null,
  owner: null,
  validate: null,
  reload: null,
  restart: null,
  verify: null,
  watchForMs: 0,
} as const;
const REVISIONS = [Buffer.from('{ "version": 2 }'), Buffer.from('{ "version": 3 }')] as const;

/** A file with a mode of its own, which the slot sets to another. */
export function configFilePlace(tools: DriverTools): MakePlace {
  return async (folder) => {
    const file = join(folder, 'shop.json');
    await writeFile(file, '{ "version": 1 }');
    await chmod(file, 0o604);
    const spec: ConfigSlot = { ...PLAIN_FILE, kind: 'config', file, mode: 0o640 };
    return {
      source: { slot: 'config/shop', spec, target: tools.target() },
      driver: () => configDriver(spec, tools),
      revisions: REVISIONS,
      effect: async () => {
        const { mode, uid, gid } = await stat(file);
        return `${await readFile(file, 'utf8')} ${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
      },
      spoil: () => writeFile(file, 'something else'),
      litter: () => readdir(folder),
      close: async () => {},
    };
  };
}

/** Where there was no file at first. */
export function noConfigFilePlace(tools: DriverTools): MakePlace {
  return async (folder) => {
    const file = join(folder, 'shop.json');
    const spec: ConfigSlot = { ...PLAIN_FILE, kind: 'config', file };
    return {
      source: { slot: 'config/shop', spec, target: tools.target() },
      driver: () => configDriver(spec, tools),
      revisions: REVISIONS,
      effect: () => readFile(file, 'utf8').catch(() => 'no file'),
      spoil: () => writeFile(file, 'something else'),
      litter: () => readdir(folder),
      close: async () => {},
    };
  };
}

/** A service that reads the file when it is signalled, and says what it holds. What it answers is the effect. */
export function configServicePlace(tools: DriverTools): MakePlace {
  return async (folder) => {
    const file = join(folder, 'shop.json');
    const pidFile = join(folder, 'shop.pid');
    await writeFile(file, '{ "version": 1 }');
    const service = await startTinyService(file, pidFile);
    const spec: ConfigSlot = {
      ...PLAIN_FILE,
      kind: 'config',
      file,
      reload: { kind: 'signal', signal: 'SIGHUP', pidFile },
      verify: { kind: 'http', url: `${service.url}/config`, sha256Field: 'held.digest', withinMs: 1_000 },
    };
    return {
      source: { slot: 'config/shop', spec, target: tools.target() },
      driver: () => configDriver(spec, tools),
      revisions: REVISIONS,
      effect: async () => {
        const { held } = (await (await fetch(`${service.url}/config`)).json()) as { readonly held: object };
        return JSON.stringify(held);
      },
      // The file is as it should be, and the service is not told.
      spoil: async () => {
        const right = await readFile(file);
        await writeFile(file, '{ "version": 9 }');
        const before = await service.reads();
        process.kill(service.pid, 'SIGHUP');
        while ((await service.reads()) === before);
        await writeFile(file, right);
      },
      litter: () => readdir(folder),
      close: () => service.kill(),
    };
  };
}
