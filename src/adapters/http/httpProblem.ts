import type { Refusal } from '../../core/kernel/refusal.ts';
import type { Result } from '../../core/kernel/result.ts';
import { Refused } from '../../engine/ports/refused.ts';
import { StoreError, type StoreFault } from '../../engine/ports/store.ts';
import {
  PROBLEMS,
  type ProblemBody,
  type ProblemCode,
  problemType,
  type TransportCode,
} from '../../wire/http/problem.ts';

type Extras = Partial<Pick<ProblemBody, 'remedy' | 'refusals' | 'problems'>>;

/** Thrown by a route to answer with a problem. Its message is the problem's detail. */
export class HttpProblem extends Error {
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: ProblemCode, detail: string, extras: Extras = {}, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'HttpProblem';
    const { status, title } = PROBLEMS[code];
    this.body = { type: problemType(code), title, status, detail, code, ...extras };
    this.headers = headers;
  }
}

/** A list of refusals as a problem: the first in order of precedence gives the code, all of them are listed. */
export function refusalProblem(refusals: readonly Refusal[]): HttpProblem {
  const [first, ...others] = refusals;
  if (first === undefined) return new HttpProblem('internal', 'refused without a reason');
  const more = others.length === 0 ? '' : ` (and ${others.length} more, see refusals)`;
  return new HttpProblem(first.code, first.says + more, {
    ...(first.remedy === undefined ? {} : { remedy: first.remedy }),
    refusals: [...refusals],
  });
}

/** The value, or the refusal thrown as a problem. */
export function granted<T>(result: Result<T, Refusal | readonly Refusal[]>): T {
  if (result.ok) return result.value;
  const { error } = result;
  throw refusalProblem('code' in error ? [error] : error);
}

const STORE_FAULTS: Readonly<Record<StoreFault, TransportCode>> = {
  locked: 'store-locked',
  'disk-full': 'store-disk-full',
  corrupt: 'store-corrupt',
  newer: 'store-newer',
  unavailable: 'store-unavailable',
};

/** What is said of a request that went wrong: Fastify's own has it. */
interface Asked {
  readonly id: string;
  readonly routeOptions: { readonly bodyLimit?: number };
}

/** Fastify's own errors, by its codes. */
const FRAMEWORK_ERRORS: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid-request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-request',
  FST_ERR_BAD_URL: 'invalid-request',
  FST_ERR_MAX_PARAM_LENGTH: 'invalid-request',
};

/**
 * Whatever was thrown, as what is answered. What nobody foresaw becomes `internal`: its own words stay in the server's log,
 * where the request's id finds them.
 */
export function asProblem(error: unknown, { id, routeOptions }: Asked): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof Refused) return refusalProblem(error.refusals);
  if (error instanceof StoreError) {
    return new HttpProblem(
      STORE_FAULTS[error.fault],
      error.message,
      { remedy: 'nothing was changed; try again' },
      { 'retry-after': '5' },
    );
  }
  const code = (error as { code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? FRAMEWORK_ERRORS[code] : undefined;
  if (known === 'body-too-large')
    return new HttpProblem(known, `the body is larger than the ${routeOptions.bodyLimit} bytes taken here`);
  if (known !== undefined) return new HttpProblem(known, (error as Error).message);
  return new HttpProblem('internal', `the server made a mistake; its log says more under request ${id}`);
}
