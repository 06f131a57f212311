import type { z } from 'zod';
import type { Operation } from '../../wire/http/operation.ts';
import { problemBody } from '../../wire/http/problem.ts';
import { CliError } from './cliError.ts';
import type { Connection } from './connection/findConnection.ts';
import { keepsSecrets } from './connection/serverUrl.ts';
import { problemError } from './problemExit.ts';
import { readVersion } from './version.ts';

const ANSWER_MS = 15_000;
/** No answer of ours is larger; whoever sends more is not a Ringfence server. */
const ANSWER_BYTES = 64 * 1024 * 1024;

type Good = 200 | 201 | 204;
type GoodSchema<O extends Operation> = O['answers'][keyof O['answers'] & Good]['schema'];

/** What an operation answers when it goes well; `undefined` where it answers without a body. */
export type AnswerOf<O extends Operation> = GoodSchema<O> extends z.ZodType<infer T> ? T : undefined;

type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What an operation is to be told. */
export type InputOf<O extends Operation> = (O extends { readonly params: infer P extends z.ZodObject }
  ? { readonly params: z.input<P> }
  : unknown) &
  (O extends { readonly body: infer B extends z.ZodType } ? { readonly body: z.input<B> } : unknown) &
  (O extends { readonly query: z.ZodObject } ? { readonly query?: Query } : unknown);

interface AnyInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Query;
  readonly body?: unknown;
}

interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

type PageOperation<T> = Operation & {
  readonly answers: { readonly 200: { readonly schema: z.ZodType<Page<T>> } };
};

/** The HTTP API as the commands use it. Every failure is a {@link CliError} that says what to do. */
export class ApiClient {
  readonly connection: Connection;
  constructor(connection: Connection) {
    this.connection = connection;
  }

  get #patienceMs(): number {
    return this.connection.timeoutMs ?? ANSWER_MS;
  }

  /** Asks, and reads the answer by its schema. `timeoutMs`: how long the whole answer may take. */
  async call<O extends Operation>(operation: O, input: InputOf<O>, timeoutMs?: number): Promise<AnswerOf<O>> {
    return (await this.#ask(operation, input as AnyInput, timeoutMs)) as AnswerOf<O>;
  }

  async #ask(operation: Operation, input: AnyInput, timeoutMs = this.#patienceMs): Promise<unknown> {
    const response = await this.#send(operation, input, AbortSignal.timeout(timeoutMs), {
      accept: 'application/json',
    });
    const text = await this.#text(operation, response);
    const value = text === '' ? undefined : this.#json(text, response);
    if (!response.ok) throw this.#problem(value, response);
    const schema = operation.answers[response.status]?.schema ?? null;
    if (schema === null) return undefined;
    const read = schema.safeParse(value);
    if (read.success) return read.data;
    const issue = read.error.issues[0];
    const where = issue === undefined ? '' : ` (${issue.path.join('.') || 'the whole'}: ${issue.message})`;
    throw this.#stranger(`${operation.id} answered something this version does not understand${where}`);
  }

  /** Pages of a list until `most` items are there. `more`: something was left out. */
  async list<T>(
    operation: PageOperation<T>,
    query: Query,
    most: number,
  ): Promise<{ readonly items: T[]; readonly more: boolean }> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const limit = Math.min(1000, most - items.length);
      const page = (await this.#ask(operation, { query: { ...query, limit, cursor } })) as Page<T>;
      items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && items.length < most);
    return { items, more: cursor !== undefined };
  }

  /** Opens a stream. Resolves when the server has begun to answer; the body then lasts until `signal` or either side ends it. */
  async open(
    operation: Operation,
    input: AnyInput,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>>,
  ): Promise<ReadableStream<Uint8Array>> {
    const opening = new AbortController();
    const slow = setTimeout(() => opening.abort(new DOMException('no answer', 'TimeoutError')), this.#patienceMs);
    try {
      const response = await this.#send(operation, input, AbortSignal.any([signal, opening.signal]), {
        accept: 'text/event-stream',
        ...headers,
      });
      if (!response.ok) throw this.#problem(this.#json(await this.#text(operation, response), response), response);
      if (response.body === null || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
        await response.body?.cancel();
        throw this.#stranger(`${operation.id} did not answer with a stream of events`);
      }
      return response.body;
    } finally {
      clearTimeout(slow);
    }
  }

  async #send(
    operation: Operation,
    input: AnyInput,
    signal: AbortSignal,
    extra: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const { server, token } = this.connection;
    if (token !== null && !keepsSecrets(server)) {
      throw new CliError(
        'usage',
        `${server} is not on this machine and not encrypted: the token would be readable on its way`,
        {
          remedy: 'Use https://, or an SSH tunnel to the server’s machine.',
        },
      );
    }
    const path = operation.path.replace(/:(\w+)/g, (_, name: string) => pathPart(String(input.params?.[name])));
    const url = new URL(server + path);
    for (const [name, value] of Object.entries(input.query ?? {})) {
      for (const each of Array.isArray(value) ? value : [value])
        if (each !== undefined) url.searchParams.append(name, String(each));
    }
    const headers = new Headers({ 'user-agent': `ringfence/${readVersion()}`, ...extra });
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    if (input.body !== undefined) headers.set('content-type', 'application/json');
    const body = input.body === undefined ? null : JSON.stringify(input.body);
    try {
      return await fetch(url, { method: operation.method, headers, body, signal, redirect: 'manual' });
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  async #text(operation: Operation, response: Response): Promise<string> {
    const parts: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const part of response.body ?? []) {
        size += part.length;
        if (size > ANSWER_BYTES)
          throw this.#stranger(`${operation.id} answered more than ${ANSWER_BYTES / 1024 / 1024} MiB`);
        parts.push(part);
      }
    } catch (error) {
      throw error instanceof CliError ? error : this.#unreachable(error);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  #json(text: string, response: Response): unknown {
    try {
      return JSON.parse(text);
    } catch {
      throw this.#stranger(`it answered ${response.status} with something that is not JSON`);
    }
  }

  #problem(value: unknown, response: Response): CliError {
    const problem = problemBody.safeParse(value);
    if (problem.success) return problemError(problem.data, this.connection.server);
    return this.#stranger(`it answered ${response.status} ${response.statusText}, without saying why`);
  }

  #stranger(says: string): CliError {
    const { server, serverFrom } = this.connection;
    return new CliError('unreachable', `the server at ${server} (from ${serverFrom}): ${says}`, {
      code: 'not-understood',
      remedy: 'Is this the address of a Ringfence server of the same version? "ringfence version" shows both.',
    });
  }

  #unreachable(error: unknown): CliError {
    const { server, serverFrom } = this.connection;
    const { says, code } = whyUnreachable(error);
    const tls = /CERT|SIGNATURE|TLS|SSL|ALTNAME/.test(code);
    return new CliError('unreachable', `cannot reach the server at ${server} (from ${serverFrom}): ${says}`, {
      code,
      remedy: tls
        ? 'Point NODE_EXTRA_CA_CERTS at the certificate of the authority that signed the server’s.'
        : 'Start one with "ringfence server", or point to another with --server URL or RINGFENCE_SERVER.',
    });
  }
}

/** A name as one part of a path. Those that every parser of addresses takes for a direction cannot be one, however they are encoded. */
function pathPart(name: string): string {
  if (!/^\.{0,2}$/.test(name)) return encodeURIComponent(name);
  throw new CliError('usage', `${JSON.stringify(name)} is no name of anything`);
}

/** What fetch hides behind "fetch failed". */
function whyUnreachable(error: unknown): { readonly says: string; readonly code: string } {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return { says: 'no answer in time', code: 'timeout' };
  let cause: unknown = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const { code = '', message = String(cause) } = (cause ?? {}) as { code?: string; message?: string };
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'no such host',
    EAI_AGAIN: 'the name cannot be resolved now',
    ECONNRESET: 'the connection was cut',
    UND_ERR_SOCKET: 'the connection was cut',
    EHOSTUNREACH: 'no way to that host',
    ENETUNREACH: 'no way to that network',
  };
  return { says: known[code] ?? (message || code || 'no answer'), code: code === '' ? 'unreachable' : code };
}
