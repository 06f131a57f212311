import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemplateSlot } from '../../../../wire/manifest/slot/templateSlot.ts';
import type { MakePlace } from '../../contract/kindPlace.ts';
import type { DriverTools } from '../../driverTools.ts';
import { templateDriver } from '../../template.ts';
import { PLAIN_FILE } from './configPlace.ts';

/** A file that was no template at first, and whose bytes would be a mistaken one. */
export function templatePlace(tools: DriverTools): MakePlace {
  return async (folder) => {
    const file = join(folder, 'shop.conf');
    await writeFile(file, 'region {{ of old }}');
    const spec: TemplateSlot = { ...PLAIN_FILE, kind: 'template', file, mode: 0o600 };
    return {
      source: { slot: 'template/shop', spec, target: tools.target() },
      driver: () => templateDriver(spec, tools),
      revisions: [Buffer.from('region {{ labels.region }}'), Buffer.from('{{ target.name }} in {{ labels.region }}')],
      effect: () => readFile(file, 'utf8'),
      spoil: () => writeFile(file, 'region {{ labels.region }}'),
      litter: () => readdir(folder),
      close: async () => {},
    };
  };
}
