import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { BODY_LIMIT, type Operation } from '../../wire/http/operation.ts';
import type { Caller } from './access.ts';
import { HttpProblem } from './httpProblem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What this route does; none for the files of the web page. */
    operation?: Operation;
  }
  interface FastifyRequest {
    caller: Caller;
  }
}

/** What a handler gives back: the shape on the wire, made of values it does not own. */
export type Sent<T> = T extends readonly (infer Item)[]
  ? readonly Sent<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Sent<T[K]> }
    : T;

type Read<S> = S extends z.ZodType ? z.output<S> : undefined;

type AnswerOf<O extends Operation> = { [S in keyof O['answers']]: BodyOf<O['answers'][S]> }[keyof O['answers']];
type BodyOf<Answer> = Answer extends { readonly schema: infer S extends z.ZodType } ? Sent<z.output<S>> : undefined;

export interface Call<O extends Operation> {
  readonly params: Read<O['params']>;
  readonly query: Read<O['query']>;
  /** As the schema reads it; a string where the body came as one of the operation's text types, bytes where the route reads it itself. */
  readonly body: O['rawBodies'] extends readonly string[]
    ? Buffer
    : Read<O['body']> | (O['textBodies'] extends readonly string[] ? string : never);
  /** Who asks, for the record; never a secret. */
  readonly actor: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/**
 * Adds the route of an operation. The handler gets what was sent, checked and read by the operation's schemas, and returns the
 * body of its answer; the status is the operation's first unless the handler sets another one that is documented.
 */
export function serve<O extends Operation>(
  app: FastifyInstance,
  operation: O,
  handler: (call: Call<O>) => Promise<AnswerOf<O>> | AnswerOf<O>,
): void {
  const [status, answer] = Object.entries(operation.answers)[0] ?? [];
  app.route({
    method: operation.method,
    url: operation.path,
    bodyLimit: operation.bodyLimit ?? BODY_LIMIT,
    config: { operation },
    // A HEAD would keep a stream open for nobody.
    exposeHeadRoute: answer?.mediaType !== 'text/event-stream',
    handler: async (request, reply) => {
      reply.code(Number(status));
      const call = {
        params: read(operation.params, request.params, 'path'),
        query: read(operation.query, request.query, 'query'),
        body: readBody(operation, request.body),
        actor: request.caller.actor,
        request,
        reply,
      };
      const body = await handler(call as Call<O>);
      return reply.sent ? reply : reply.send(body);
    },
  });
}

function readBody(operation: Operation, body: unknown): unknown {
  if (operation.rawBodies !== undefined) return body ?? Buffer.alloc(0);
  if (operation.body !== undefined)
    return typeof body === 'string' && operation.textBodies ? body : read(operation.body, body, 'body');
  if (body === undefined || body === null || isEmpty(body)) return undefined;
  throw new HttpProblem('invalid-request', `${operation.method} ${operation.path} takes no body`);
}

function isEmpty(body: unknown): boolean {
  return typeof body === 'object' && !Array.isArray(body) && Object.keys(body as object).length === 0;
}

function read(schema: z.ZodType | undefined, value: unknown, where: 'path' | 'query' | 'body'): unknown {
  if (schema === undefined) {
    const names = where === 'query' ? Object.keys(value as object) : [];
    if (names.length > 0)
      throw new HttpProblem('invalid-request', `query: unknown parameter "${names[0]}"; none is expected`);
    return undefined;
  }
  // An absent body is `null` in Fastify, and a query has no prototype: the schemas take plain objects.
  const result = schema.safeParse(where === 'body' ? (value ?? undefined) : { ...(value as object) });
  if (result.success) return result.data;
  const says = result.error.issues.map((issue) => `${[where, ...issue.path].join('.')}: ${issue.message}`);
  throw new HttpProblem('invalid-request', says.slice(0, 20).join('; '));
}
