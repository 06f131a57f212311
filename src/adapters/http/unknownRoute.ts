import { nearest } from '../../core/kernel/nearest.ts';
import { OPERATIONS } from '../../wire/http/operations.ts';
import { HttpProblem } from './httpProblem.ts';

interface Known {
  readonly method: string;
  /** `/v1/rollouts/:id` */
  readonly path: string;
}

/** Says that there is nothing at a path, and what was probably meant; or that there is something, for another method. */
export function unknownRoute(method: string, path: string, files: readonly string[]): HttpProblem {
  const known: Known[] = [...OPERATIONS, ...files.map((file) => ({ method: 'GET', path: file }))];
  const here = known.filter((route) => filledIn(route.path, path) === path);
  if (here.length > 0) {
    const methods = [...new Set(here.map((route) => route.method))];
    const allow =
      methods.includes('GET') && path !== '/v1/events'
        ? ['GET', 'HEAD', ...methods.filter((one) => one !== 'GET')]
        : methods;
    return new HttpProblem(
      'method-not-allowed',
      `${method} is not possible on ${path}; ${allow.join(', ')} is`,
      {},
      { allow: allow.join(', ') },
    );
  }
  const candidates = new Map(known.map((route) => [filledIn(route.path, path), route]));
  const meant = candidates.get(nearest(path, candidates.keys()) ?? '');
  return new HttpProblem('not-found', `there is nothing at ${path}`, {
    remedy:
      meant === undefined ? 'GET /v1/openapi.json lists what there is' : `did you mean ${meant.method} ${meant.path}?`,
  });
}

/** A route's path with its parameters filled in from where they would stand in `path`, so that only the fixed words are compared. */
function filledIn(route: string, path: string): string {
  const steps = path.split('/');
  return route
    .split('/')
    .map((step, index) => (step.startsWith(':') ? steps[index] || step : step))
    .join('/');
}
