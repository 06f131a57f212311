import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { API_VERSION } from '../src/wire/manifest/envelope.ts';
import { MANIFEST_KINDS } from '../src/wire/manifest/manifestKinds.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/**
 * Writes the JSON Schemas that editors use to complete and check manifests: one a kind, and `v1.schema.json`, which looks at
 * `kind` and applies the right one. They say less than `parseManifests` does: rules that look at two fields are not in them.
 */
export async function writeManifestSchemas(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const kinds = Object.entries(MANIFEST_KINDS).map(([kind, { schema }]) => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
    return { kind, schema: { title: `${kind} (${API_VERSION})`, ...rest } };
  });
  for (const { kind, schema } of kinds) await write(join(folder, `${kind.toLowerCase()}.schema.json`), schema);
  await write(join(folder, 'v1.schema.json'), {
    title: `A manifest (${API_VERSION})`,
    type: 'object',
    required: ['apiVersion', 'kind'],
    properties: { apiVersion: { const: API_VERSION }, kind: { enum: kinds.map(({ kind }) => kind) } },
    allOf: kinds.map(({ kind }) => ({
      if: { properties: { kind: { const: kind } } },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
      then: { $ref: `#/$defs/${kind}` },
    })),
    $defs: Object.fromEntries(kinds.map(({ kind, schema }) => [kind, schema])),
  });
}

async function write(file: string, schema: object): Promise<void> {
  await writeFile(file, `${JSON.stringify({ $schema: DIALECT, ...schema }, null, 2)}\n`);
}
