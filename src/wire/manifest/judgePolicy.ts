import { type JudgePolicy, USUAL_MISS_RATE } from '../../core/analysis/rolloutJudge.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { checkKinds, margin } from './checkKinds.ts';
import { explainIssues } from './explainIssues.ts';
import { asMapping, distinct, fields, list } from './fields.ts';
import { type LocatedMistake, type ManifestProblem, toProblem } from './manifestProblem.ts';
import { positionsIn } from './positionsIn.ts';
import { duration, fraction } from './scalars.ts';
import { yamlDocuments } from './yamlDocuments.ts';

/** How a recorded series is to be judged. */
export interface SeriesPolicy extends JudgePolicy {
  readonly windowMs: DurationMs;
  /** How long a stage is to bake: noise that lasts so long is reckoned with. */
  readonly bakeMs: DurationMs;
}

const check = checkKinds(margin.default({}).describe('how much worse is accepted; none if left out'));

const policy = fields('a mapping with checks, errorBudget, missRate, window and bake', {
  checks: list('a list of checks', check, 50).superRefine(
    ...distinct('a name', (item) => asMapping(item).name, ['name']),
  ),
  errorBudget: fraction
    .default(0.01)
    .describe('the chance of rolling back a harmless change in one whole rollout; 0.01 if left out'),
  missRate: fraction
    .default(USUAL_MISS_RATE)
    .describe('the chance with which one check may pass what is beyond its margin; 0.05 if left out'),
  window: duration('1d').default(60_000).describe('figures of so long are taken together; 1m if left out'),
  bake: duration('30d').default(3_600_000).describe('how long a stage is to bake; 1h if left out'),
});

const NOTHING: LocatedMistake = {
  path: [],
  at: 'value',
  found: 'nothing',
  expected: 'one mapping with checks, such as checks: [{ name: errors, kind: eventRate, events: errors }]',
  suggestion: null,
  offset: 0,
};

/** Reads a policy file, YAML or JSON, or says every mistake in it. Never throws, whatever the text. */
export function readJudgePolicy(text: string, file: string): Result<SeriesPolicy, readonly ManifestProblem[]> {
  const mistakes: LocatedMistake[] = [];
  const [document, second] = yamlDocuments(text, 20, mistakes);
  mistakes.push(...(document?.mistakes ?? []));
  if (mistakes.length === 0 && (document === undefined || second !== undefined)) mistakes.push(NOTHING);
  const parsed = policy.safeParse(document?.value);
  if (mistakes.length === 0 && document !== undefined && !parsed.success)
    for (const found of explainIssues(document.value, parsed.error.issues))
      mistakes.push({ ...found, offset: document.offsetOf(found) });
  const positionOf = positionsIn(text);
  if (mistakes.length > 0 || !parsed.success)
    return err(mistakes.map((found) => toProblem(found, file, positionOf(found.offset))));
  const { checks, errorBudget, missRate, window, bake } = parsed.data;
  return ok({ checks, budget: errorBudget, missRate, windowMs: window, bakeMs: bake });
}
