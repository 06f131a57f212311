import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptSlot } from '../../../../wire/manifest/slot/scriptSlot.ts';
import type { MakePlace } from '../../contract/kindPlace.ts';
import type { DriverTools } from '../../driverTools.ts';
import { scriptDriver } from '../../script.ts';

/** Two tables of a made-up database, which are only right together: a killed script leaves half of it. */
const APPLY = 'cp "$1" left; sleep 0.02; cp "$1" right';
const VERIFY =
  'cmp -s "$1" left && cmp -s "$1" right || { test "$1" = /dev/null && grep -q old left && grep -q old right; }';
const UNDO = 'if test "$1" = /dev/null; then echo old > right; echo old > left; else cp "$1" right; cp "$1" left; fi';

export function scriptPlace(tools: DriverTools): MakePlace {
  return async (folder) => {
    const at = (name: string) => join(folder, name);
    for (const name of ['left', 'right']) await writeFile(at(name), 'old\n');
    const shell = (text: string) => ({
      command: ['sh', '-ec', `cd "$0"; ${text}`, folder, '{file}'],
      timeoutMs: 10_000,
    });
    const spec: ScriptSlot = {
      kind: 'script',
      file: at('held'),
      apply: shell(APPLY),
      verify: shell(VERIFY),
      undo: shell(UNDO),
      environment: ['PATH'],
      watchForMs: 0,
    };
    return {
      source: { slot: 'script/tables', spec, target: tools.target() },
      driver: () => scriptDriver(spec, tools),
      revisions: [Buffer.from('two\n'), Buffer.from('three\n')],
      effect: async () => `${await readFile(at('left'), 'utf8')}${await readFile(at('right'), 'utf8')}`,
      spoil: () => writeFile(at('right'), 'meddled with\n'),
      litter: () => readdir(folder),
      close: async () => {},
    };
  };
}
