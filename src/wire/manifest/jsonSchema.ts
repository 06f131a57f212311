import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { mistake } from './fields.ts';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

/** A JSON Schema as it stands in a manifest: a mapping that says of JSON what it must look like. */
export const jsonSchema = z
  .record(z.string(), z.unknown(), { error: 'a JSON Schema' })
  .describe(`a JSON Schema (${DIALECT})`)
  .superRefine((schema, sink) => {
    const { $schema: dialect } = schema;
    if (dialect !== undefined && dialect !== DIALECT) return mistake(sink, ['$schema'], DIALECT);
    if (ajv.validateSchema(schema)) return;
    for (const error of innermost(ajv.errors ?? [])) {
      const { allowedValues: known = [] } = error.params as { readonly allowedValues?: string[] };
      const expected = known.length > 0 ? `one of: ${known.join(', ')}` : `a JSON Schema: this ${error.message}`;
      mistake(sink, pathIn(schema, error.instancePath), expected, { known });
    }
  });

/** The meta-schema repeats a mistake at every level around it, and once for each alternative: one error a place, the deepest places. */
function innermost(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const byPlace = new Map<string, ErrorObject>();
  for (const error of errors) {
    const other = byPlace.get(error.instancePath);
    if (other === undefined || error.keyword === 'enum') byPlace.set(error.instancePath, error);
  }
  const places = [...byPlace.keys()];
  const around = new Set(
    places.flatMap((place) => [...place.matchAll(/\//g)].map(({ index }) => place.slice(0, index))),
  );
  return places.filter((place) => !around.has(place)).flatMap((place) => byPlace.get(place) ?? []);
}

/** A JSON pointer (RFC 6901) as the names and indices it goes by. */
function pathIn(root: unknown, pointer: string): (string | number)[] {
  let value = root;
  return pointer
    .split('/')
    .slice(1)
    .map((token) => {
      const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(value) ? Number(name) : name;
      value = (value as Record<string | number, unknown> | undefined)?.[step];
      return step;
    });
}
