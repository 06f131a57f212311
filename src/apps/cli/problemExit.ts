import type { ProblemBody, ProblemCode, TRANSPORT_CODES } from '../../wire/http/problem.ts';
import { CliError } from './cliError.ts';
import type { Exit } from './exitCodes.ts';

type TransportCode = (typeof TRANSPORT_CODES)[number];

/** How a run ends when the server answers so. What is not here is a refusal of the core: `refused`. */
const TRANSPORT_EXITS: Readonly<Record<TransportCode, Exit>> = {
  'invalid-request': 'usage',
  'manifest-invalid': 'usage',
  unauthenticated: 'unreachable',
  'host-not-allowed': 'unreachable',
  'not-found': 'refused',
  'method-not-allowed': 'unexpected',
  'body-too-large': 'refused',
  'headers-too-large': 'usage',
  'unsupported-media-type': 'unexpected',
  'too-many-streams': 'unreachable',
  'too-busy': 'unreachable',
  'no-checkpoint': 'refused',
  'outside-record': 'refused',
  'store-locked': 'unreachable',
  'store-disk-full': 'unreachable',
  'store-corrupt': 'unexpected',
  'store-newer': 'unexpected',
  'store-unavailable': 'unreachable',
  internal: 'unexpected',
};

export function problemExit(code: ProblemCode): Exit {
  if (code === 'malformed') return 'usage';
  if (code === 'forbidden') return 'unreachable';
  return TRANSPORT_EXITS[code as TransportCode] ?? 'refused';
}

/** The server's own words, and for a closed door how to open it. */
export function problemError(problem: ProblemBody, server: string): CliError {
  const { code, detail, refusals, problems = [] } = problem;
  const mistakes = problems.map(({ path, says }) => ({
    code: 'malformed' as const,
    says: path === '' ? says : `${path}: ${says}`,
  }));
  const all = refusals ?? mistakes;
  return new CliError(problemExit(code), detail, {
    code,
    ...withRemedy(
      code === 'unauthenticated' ? `Run "ringfence login ${server}", or set RINGFENCE_TOKEN.` : problem.remedy,
    ),
    ...(all.length > 0 ? { refusals: all } : {}),
  });
}

function withRemedy(remedy: string | undefined): { remedy?: string } {
  return remedy === undefined ? {} : { remedy };
}
