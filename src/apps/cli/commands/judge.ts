import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { judgeSeries, type SeriesLook } from '../../../core/analysis/judgeSeries.ts';
import type { Verdict } from '../../../core/analysis/verdict.ts';
import { readJudgePolicy, type SeriesPolicy } from '../../../wire/manifest/judgePolicy.ts';
import { renderProblem } from '../../../wire/manifest/renderProblem.ts';
import { parseSeries } from '../../../wire/series/parseSeries.ts';
import { CliError } from '../cliError.ts';
import { count } from '../present/words.ts';
import { type StyledLine, segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';

interface JudgeOptions {
  readonly data: string;
  readonly policy: string;
}

/** Judges a recorded series as if it were happening, and prints a line whenever a verdict changes. */
export const judge: Run<JudgeOptions, []> = async ({ output, cwd }, { data, policy: policyFile }) => {
  const policy = await policyOf(resolve(cwd, policyFile), policyFile);
  const series = parseSeries(await textOf(resolve(cwd, data), data));
  if (!series.ok)
    throw new CliError('usage', `${data}:${series.error.line}: ${series.error.says}`, { remedy: series.error.remedy });
  const horizon = Math.max(1, Math.round(policy.bakeMs / policy.windowMs));
  const said = new Map<string, string>();
  let last: SeriesLook | null = null;
  let rolledBackAt: number | null = null;
  for (const look of judgeSeries(series.value, policy, { windowMs: policy.windowMs, horizon })) {
    last = look;
    for (const verdict of look.verdicts) {
      if (said.get(verdict.check) === verdict.outcome) continue;
      said.set(verdict.check, verdict.outcome);
      output.lines([lineOf(look, verdict)]);
    }
    if (look.spent >= 1 && rolledBackAt === null) rolledBackAt = look.at;
    output.jsonLine(documentOf(look));
  }
  if (last === null)
    throw new CliError('usage', `${data} has no treated target: there is nothing to judge`, {
      remedy: 'Rows whose arm is "treated" are those of targets that have the change.',
    });
  output.say('');
  output.say(
    rolledBackAt === null
      ? `Not rolled back: ${percent(last.spent)} of the budget of ${percent(policy.budget)} is spent after ${count(series.value.length, 'figure')}.`
      : `Rolled back at ${timeOf(rolledBackAt)}.`,
  );
  return rolledBackAt === null ? 'done' : 'rolledBack';
};

async function policyOf(path: string, name: string): Promise<SeriesPolicy> {
  const text = await textOf(path, name);
  const policy = readJudgePolicy(text, name);
  if (policy.ok) return policy.value;
  throw new CliError('usage', `${count(policy.error.length, 'mistake')} in ${name}`, {
    extract: policy.error.flatMap((problem) => renderProblem(problem, text).split('\n')),
    problems: policy.error,
  });
}

async function textOf(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError('usage', `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const TONES = { pass: 'good', fail: 'bad', inconclusive: 'faint', 'no-data': 'warn', error: 'bad' } as const;

function lineOf(look: SeriesLook, { check, outcome, says }: Verdict): StyledLine {
  return [
    segment(`${timeOf(look.at)}  `, 'faint'),
    segment(outcome.padEnd(13), TONES[outcome]),
    segment(`${check}: ${says}`),
  ];
}

function documentOf({ at, treatedTargets, untouchedTargets, spent, verdicts }: SeriesLook): unknown {
  return {
    at: timeOf(at),
    treatedTargets,
    untouchedTargets,
    spent,
    checks: verdicts.map(({ role: _, evidence, next, ...verdict }) => ({
      ...verdict,
      harmNats: evidence.harm,
      noHarmNats: evidence.noHarm,
      next: next === null ? null : { ...next, expectedAt: next.expectedAt === null ? null : timeOf(next.expectedAt) },
    })),
  };
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
