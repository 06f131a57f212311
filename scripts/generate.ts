// Writes every file of this repository that is made from another one.
//
//   npm run generate                  writes them where they belong
//   npm run generate -- --into DIR    writes them below DIR, at the same relative paths (to compare)
//
// Needs nothing but the installed packages: no network.
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { writeManifestSchemas } from './manifestSchemas.ts';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Makes one folder of generated files. To add a kind of generated file, add a step to {@link STEPS}. */
export interface Step {
  readonly name: string;
  /** Relative to the root. Everything in it is generated; it is emptied before the step runs. */
  readonly folder: string;
  /** Writes its files into this folder, which may not exist yet. Absolute. */
  readonly run: (folder: string) => Promise<void>;
}

export const STEPS: readonly Step[] = [
  protobuf('src/wire/opamp'),
  protobuf('src/wire/agent'),
  protobuf('src/wire/prometheus'),
  protobuf('src/wire/otlp'),
  { name: 'JSON Schemas of the manifests', folder: 'schema', run: writeManifestSchemas },
];

/** TypeScript for the `.proto` files of a folder. `erasable_syntax`: enums become constant objects, which Node can strip. */
function protobuf(source: string): Step {
  return {
    name: `protobuf ${source}`,
    folder: `${source}/generated`,
    run: async (folder) => {
      const bin = join(root, 'node_modules', '.bin');
      const plugin = {
        local: join(bin, 'protoc-gen-es'),
        out: '.',
        opt: ['target=ts', 'import_extension=ts', 'erasable_syntax=true'],
      };
      const template = JSON.stringify({ version: 'v2', plugins: [plugin] });
      await promisify(execFile)(
        join(bin, 'buf'),
        ['generate', join(root, source), '--template', template, '--output', folder],
        // The plugin is a script of Node's: it must find the pinned one.
        { cwd: root, env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) } },
      );
    },
  };
}

/** Runs every step below `into`. */
export async function generate(into: string): Promise<void> {
  for (const step of STEPS) {
    const folder = join(into, step.folder);
    await rm(folder, { recursive: true, force: true });
    await step.run(folder);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { into: { type: 'string' } } });
  await generate(values.into === undefined ? root : resolve(values.into));
  process.stdout.write(`generated: ${STEPS.map((step) => step.folder).join(', ')}\n`);
}
