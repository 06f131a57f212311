import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Answer } from './apiUnderTest.ts';

interface Documented {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** Holds answers against the document that the server itself serves. */
export class DocumentedApi {
  readonly document: OpenApiDocument;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #seen = new Map<string, Set<string>>();

  constructor(document: unknown) {
    this.document = document as OpenApiDocument;
    (formats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
    const schemas = structuredClone(this.document.components.schemas);
    for (const schema of Object.values(schemas)) close(schema);
    this.#ajv.addSchema({ $id: 'document', components: { schemas } });
  }

  get operations(): readonly string[] {
    return Object.values(this.document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
  }

  /** Statuses with which each operation was seen to answer. */
  statusesOf(operationId: string): ReadonlySet<string> {
    return this.#seen.get(operationId) ?? new Set();
  }

  /** Fails unless the answer's status, media type and body are documented, with nothing undocumented in the body. */
  check(method: string, path: string, answer: Pick<Answer, 'status' | 'headers' | 'text' | 'body'>): void {
    const operation = this.#find(method, path);
    const where = `${method} ${path} → ${answer.status}`;
    const response = operation.responses[String(answer.status)];
    assert.ok(
      response,
      `${where}: this status is not documented; documented are ${Object.keys(operation.responses).join(', ')}\n${answer.text}`,
    );
    const seen = this.#seen.get(operation.operationId) ?? new Set();
    this.#seen.set(operation.operationId, seen.add(String(answer.status)));

    if (response.content === undefined) {
      assert.equal(answer.text, '', `${where}: documented without a body`);
      return;
    }
    const mediaType = answer.headers.get('content-type')?.split(';', 1)[0] ?? '';
    const content = response.content[mediaType];
    assert.ok(
      content,
      `${where}: ${mediaType} is not documented; documented are ${Object.keys(response.content).join(', ')}`,
    );
    const validate = this.#compile(content.schema);
    const body = mediaType.includes('json') ? answer.body : answer.text;
    assert.ok(validate(body), `${where}: ${this.#ajv.errorsText(validate.errors)}\n${answer.text}`);
  }

  #find(method: string, path: string): Documented {
    const steps = new URL(path, 'http://any').pathname.split('/');
    const matches = (pattern: readonly string[]) =>
      pattern.length === steps.length && pattern.every((step, index) => step.startsWith('{') || step === steps[index]);
    // A literal path goes before one with parameters.
    const patterns = Object.keys(this.document.paths).sort((a, b) => a.split('{').length - b.split('{').length);
    const pattern = patterns.find((one) => matches(one.split('/')));
    const operation = this.document.paths[pattern ?? '']?.[method.toLowerCase()];
    assert.ok(operation, `${method} ${path} is not documented`);
    return operation;
  }

  #compile(schema: object): ValidateFunction {
    return this.#ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')));
  }
}

/** The document lets objects grow for the clients' sake; here nothing may be answered that is not in it. */
function close(schema: unknown): void {
  if (schema === null || typeof schema !== 'object') return;
  const object = schema as Record<string, unknown>;
  if (object.properties !== undefined && object.additionalProperties === undefined) object.additionalProperties = false;
  for (const value of Object.values(object)) close(value);
}
