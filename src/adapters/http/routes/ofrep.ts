import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FlagAnswer, Flags } from '../../../engine/ports/flags.ts';
import { evaluateFlag, evaluateFlags } from '../../../wire/http/ofrep.ts';
import { isNamedBy } from '../entityTag.ts';
import { HttpProblem } from '../httpProblem.ts';
import { serve } from '../route.ts';

/** Flags for every OpenFeature SDK. In a scope of its own: what is wrong with a request is said as the protocol has it. */
export function ofrepRoutes(app: FastifyInstance, flags: Flags): void {
  app.setErrorHandler((error, request, reply) => {
    if (!(error instanceof HttpProblem) || error.body.status !== 400) throw error;
    const errorDetails = error.body.detail;
    return reply.code(400).send({ ...keyOf(request), errorCode: 'PARSE_ERROR', errorDetails });
  });

  serve(app, evaluateFlag, ({ params, body, reply }) => {
    const answer = flags.evaluate(params.key, body.context ?? {});
    if ('errorCode' in answer) reply.code(answer.errorCode === 'FLAG_NOT_FOUND' ? 404 : 400);
    return answer;
  });

  serve(app, evaluateFlags, ({ body, request, reply }) => {
    const answers = flags.evaluateAll(body.context ?? {});
    if (!answers.ok) {
      reply.code(400);
      return answers.error;
    }
    const tag = tagOf(answers.value);
    // Whoever keeps it asks each time whether it is still so.
    reply.header('etag', tag).header('cache-control', 'private, no-cache');
    if (isNamedBy(tag, request.headers['if-none-match'])) {
      reply.code(304);
      return undefined;
    }
    return { flags: answers.value };
  });
}

/** The same answers have the same tag, on every server and after every restart. */
function tagOf(answers: readonly FlagAnswer[]): string {
  return `"${createHash('sha256').update(JSON.stringify(answers)).digest('base64url')}"`;
}

function keyOf(request: FastifyRequest): { readonly key?: string } {
  const { key } = (request.params ?? {}) as { readonly key?: string };
  return key === undefined ? {} : { key };
}
