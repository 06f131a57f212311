import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { HttpProblem } from './httpProblem.ts';

/**
 * JSON is the only type of body that is read, and only as UTF-8: what is not UTF-8 would be changed silently, and a change's
 * content must arrive as it was sent. Names that reach an object's prototype are refused.
 */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = utf8(body as Buffer);
    parse(request, text, (error, value) => {
      if (error === null || error === undefined) done(null, value);
      else done(notJson(text, error));
    });
  });
  app.addContentTypeParser('*', (request, _body, done) => {
    const type = request.headers['content-type'];
    const found = type === undefined ? 'a body without a content-type' : `a body of type "${type}"`;
    done(new HttpProblem('unsupported-media-type', `${found} is not read here; application/json is`));
  });
}

/** Reads bodies of these types as text, within the routes of `app`. */
export function readTextBodies(app: FastifyInstance, types: readonly string[]): void {
  app.addContentTypeParser([...types], { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => utf8(body));
}

function utf8(body: Buffer): string {
  if (!isUtf8(body)) throw new HttpProblem('invalid-request', 'the body is not UTF-8 text');
  return body.toString('utf8').replace(/^\uFEFF/, '');
}

function notJson(text: string, error: Error): HttpProblem {
  if (text === '') return new HttpProblem('invalid-request', 'the body is empty; JSON is expected');
  try {
    JSON.parse(text);
  } catch (cause) {
    return new HttpProblem('invalid-request', `the body is not JSON: ${(cause as Error).message}`);
  }
  return new HttpProblem('invalid-request', `the body is not taken: ${error.message}`);
}
