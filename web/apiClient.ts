import type { ProblemBody } from '../src/wire/http/problem.ts';

/** An answer that is not what was asked for: the API's own words about it, or that nobody answered. */
export class ApiFault extends Error {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly remedy: string | null;
  constructor(status: number, message: string, remedy: string | null = null) {
    super(message);
    this.name = 'ApiFault';
    this.status = status;
    this.remedy = remedy;
  }
}

/**
 * Asks the API that served this page. The token lives in this object alone: not in a cookie, and not in sessionStorage, which
 * browsers write to disk to restore tabs after a crash. The price is to sign in again after a reload.
 */
export class ApiClient {
  #token: string | null = null;
  #offsetMs = 0;

  signIn(token: string): void {
    this.#token = token;
  }

  signOut(): void {
    this.#token = null;
  }

  get signedIn(): boolean {
    return this.#token !== null;
  }

  /** The server's clock, to the second: what spans since its instants are measured with. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** The body of a 200. Rejects with an ApiFault, or with an AbortError when the signal says so. */
  async get<T>(path: string, signal: AbortSignal): Promise<T> {
    const response = await this.open(path, 'application/json', signal);
    try {
      return (await response.json()) as T;
    } catch (error) {
      if (signal.aborted) throw error;
      throw new ApiFault(0, 'the answer broke off');
    }
  }

  /** Every item of a list, page by page, up to so many. */
  async list<T>(path: string, most: number, signal: AbortSignal): Promise<readonly T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({
        limit: String(Math.min(1000, most)),
        ...(cursor === null ? {} : { cursor }),
      });
      const page: { items: T[]; next: string | null } = await this.get(`${path}?${query}`, signal);
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== null && items.length < most);
    return items;
  }

  /** A response with status 200, its body not read yet. */
  async open(path: string, accept: string, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { accept };
    if (this.#token !== null) headers.authorization = `Bearer ${this.#token}`;
    let response: Response;
    try {
      response = await fetch(path, { headers, signal, cache: 'no-store', credentials: 'omit' });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new ApiFault(0, 'the control plane does not answer');
    }
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) this.#offsetMs = Math.abs(date - Date.now()) < 1500 ? 0 : date - Date.now();
    if (!response.ok) throw await faultOf(response);
    return response;
  }
}

async function faultOf(response: Response): Promise<ApiFault> {
  const body: Partial<ProblemBody> | null = await response.json().catch(() => null);
  return new ApiFault(response.status, body?.detail ?? `the answer was ${response.status}`, body?.remedy ?? null);
}
