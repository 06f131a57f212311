import type { ProblemBody, ProblemCode, RefusalBody } from '../../src/wire/http/problem.ts';
import type { SessionBody, SessionStateBody } from '../../src/wire/http/session.ts';

/** As the server calls it: types alone are taken from there. */
const CSRF_HEADER = 'x-ringfence-csrf';

/** An answer that is not what was asked for: the API's own words about it, or that nobody answered. */
export class ApiFault extends Error {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly code: ProblemCode | null;
  readonly remedy: string | null;
  /** Every reason of a refusal, in order of precedence. */
  readonly refusals: readonly RefusalBody[];
  /** Mistakes in manifests, each in one sentence. */
  readonly mistakes: readonly string[];
  constructor(status: number, message: string, body: Partial<ProblemBody> = {}) {
    super(message);
    this.name = 'ApiFault';
    this.status = status;
    this.code = body.code ?? null;
    this.remedy = body.remedy ?? null;
    this.refusals = body.refusals ?? [];
    this.mistakes = (body.problems ?? []).map(({ says }) => says);
  }
}

export function faultOf(error: unknown): ApiFault {
  return error instanceof ApiFault ? error : new ApiFault(0, 'the connection broke off');
}

/** A command takes as long as its event takes to reach the disk. */
const PATIENCE_MS = 20_000;

/** Asks the API that served this page. Who is asking is in the session's cookie, which no script can read. */
export class ApiClient {
  #csrf: string | null = null;
  #offsetMs = 0;

  /** The server's clock, to the second: what spans since its instants are measured with. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  async session(signal: AbortSignal): Promise<SessionStateBody> {
    const state = await this.get<SessionStateBody>('/v1/session', signal);
    this.#csrf = state.session?.csrf ?? null;
    return state;
  }

  async signIn(token: string): Promise<void> {
    const { csrf } = await this.send<SessionBody>('POST', '/v1/session', { token });
    this.#csrf = csrf;
  }

  async signOut(): Promise<void> {
    await this.send('DELETE', '/v1/session');
    this.#csrf = null;
  }

  /** The body of a 200. Rejects with an ApiFault, or with an AbortError when the signal says so. */
  async get<T>(path: string, signal: AbortSignal = AbortSignal.timeout(PATIENCE_MS)): Promise<T> {
    return (await bodyOf(await this.open(path, signal), signal)) as T;
  }

  /** Carries out a command and gives what it answers, if that has a body. */
  async send<T>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<T> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (this.#csrf !== null) headers[CSRF_HEADER] = this.#csrf;
    if (body !== undefined) headers['content-type'] = type;
    const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await this.#fetch(path, { method, headers, signal, ...content });
    return (response.status === 204 ? undefined : await bodyOf(response, signal)) as T;
  }

  /** Every item of a list, page by page, up to so many. */
  async list<T>(path: string, most: number, signal?: AbortSignal): Promise<readonly T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({
        limit: String(Math.min(1000, most)),
        ...(cursor === null ? {} : { cursor }),
      });
      const page: { items: T[]; next: string | null } = await this.get(
        `${path}${path.includes('?') ? '&' : '?'}${query}`,
        signal,
      );
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== null && items.length < most);
    return items;
  }

  /** A response with status 200, its body not read yet. */
  open(path: string, signal: AbortSignal): Promise<Response> {
    return this.#fetch(path, { signal });
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(path, { cache: 'no-store', credentials: 'same-origin', ...init });
    } catch (error) {
      if (init.signal?.aborted === true && init.signal.reason?.name !== 'TimeoutError') throw error;
      throw new ApiFault(0, 'the control plane does not answer');
    }
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) this.#offsetMs = Math.abs(date - Date.now()) < 1500 ? 0 : date - Date.now();
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

async function bodyOf(response: Response, signal: AbortSignal): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiFault(0, 'the answer broke off');
  }
}

async function problemOf(response: Response): Promise<ApiFault> {
  const body: Partial<ProblemBody> = (await response.json().catch(() => null)) ?? {};
  return new ApiFault(response.status, body.detail ?? `the answer was ${response.status}`, body);
}
