import { z } from 'zod';
import type { Json } from '../../core/kernel/canonicalJson.ts';
import { orOf, rolesFor } from '../../core/policy/authority.ts';
import { commonProblems, type Operation, type OperationAnswer } from '../../wire/http/operation.ts';
import { OPERATIONS } from '../../wire/http/operations.ts';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, type ProblemCode } from '../../wire/http/problem.ts';
import { httpSchemas } from '../../wire/http/schema.ts';

type JsonObject = { readonly [key: string]: Json };

const SCHEMAS = '#/components/schemas/';

/** The HTTP API as an OpenAPI 3.1 document, made from the operations and schemas that the routes themselves are made from. */
export function openApiDocument(version: string): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const operation of OPERATIONS) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: operationObject(operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Ringfence',
      version,
      description:
        'Members that are not described here may be added to any answer: ignore what you do not know. Instants are UTC, ' +
        'durations are milliseconds, digests are `sha256:` and 64 hexadecimal digits.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token made by POST /v1/tokens, or the one of the first start.',
        },
      },
    },
  };
}

function operationObject(operation: Operation): JsonObject {
  const { id, tag, summary, access } = operation;
  const parameters = [...parameterObjects('path', operation.params), ...parameterObjects('query', operation.query)];
  const responses: Record<string, JsonObject> = {};
  for (const [status, answer] of Object.entries(operation.answers)) responses[status] = answerObject(answer);
  for (const [status, codes] of problemsByStatus(operation)) responses[status] ??= problemObject(codes);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: access === 'anyone' ? 'Needs no token.' : `Needs a token with the role ${orOf(rolesFor(access))}.`,
    security: access === 'anyone' ? [] : [{ token: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...bodyObject(operation),
    responses,
  };
}

function parameterObjects(where: 'path' | 'query', shape: z.ZodObject | undefined): JsonObject[] {
  if (shape === undefined) return [];
  const { properties = {}, required = [] } = inline(shape) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: where,
    required: where === 'path' || (required.includes(name) && schema.default === undefined),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function bodyObject({ body, textBodies = [], rawBodies }: Operation): JsonObject {
  if (rawBodies !== undefined)
    return { requestBody: { required: true, content: Object.fromEntries(rawBodies.map((type) => [type, {}])) } };
  if (body === undefined) return {};
  const content: Record<string, JsonObject> = { 'application/json': { schema: schemaOf(body) } };
  for (const type of textBodies) content[type] = { schema: { type: 'string' } };
  return { requestBody: { required: true, content } };
}

function answerObject({ says, schema, mediaType = 'application/json' }: OperationAnswer): JsonObject {
  return { description: says, ...(schema === null ? {} : { content: { [mediaType]: { schema: schemaOf(schema) } } }) };
}

function problemObject(codes: readonly ProblemCode[]): JsonObject {
  const described = codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`);
  return {
    description: described.join(' '),
    content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: `${SCHEMAS}Problem` } } },
  };
}

/** In ascending order of status, as the operations' own answers stand before them. */
export function problemsByStatus(operation: Operation): ReadonlyMap<string, readonly ProblemCode[]> {
  const codes = [...new Set([...commonProblems(operation), ...operation.problems])];
  const grouped = Map.groupBy(codes, (code) => String(PROBLEMS[code].status));
  return new Map([...grouped].sort(([a], [b]) => Number(a) - Number(b)));
}

function schemaOf(schema: z.ZodType): JsonObject {
  const id = httpSchemas.get(schema)?.id;
  return id === undefined ? inline(schema) : { $ref: SCHEMAS + id };
}

/** A shape without a name of its own. `input`: what is sent, and objects stay open for members to come. */
function inline(schema: z.ZodType): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' }) as JsonObject;
  return rest;
}

function componentSchemas(): JsonObject {
  const { schemas } = z.toJSONSchema(httpSchemas, { io: 'input', uri: (id) => SCHEMAS + id });
  const named = Object.entries(schemas as unknown as Record<string, JsonObject>);
  return Object.fromEntries(named.map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]));
}
