import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const GUIDE = join(ROOT, 'docs/guides/judging-recorded-series.md');

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfence-judge-'));
});
after(() => rm(folder, { recursive: true }));

/** Runs `ringfence judge` in the folder, as a user would. */
async function judge(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/ringfence.mjs'), 'judge', ...args], { cwd: folder });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: child.exitCode ?? (await new Promise((resolve) => child.once('close', resolve))), out, err };
}

/** Twenty targets, two hours of past, then two that are treated; a quarter of an hour later they fail `times` as often. */
function series(times: number): string {
  const rows = ['time,arm,target,metric,value'];
  for (let minute = 0; minute < 180; minute++) {
    const time = new Date(Date.UTC(2026, 2, 1, 9) + minute * 60_000).toISOString();
    for (let target = 0; target < 20; target++) {
      const treated = minute >= 120 && target < 2;
      const errors = ((minute * 7 + target * 3) % 4 === 0 ? 4 : 0) * (treated && minute >= 135 ? times : 1);
      const latency = 80 + ((minute * 31 + target * 17) % 10);
      const row = (metric: string, value: number) =>
        rows.push(`${time},${treated ? 'treated' : 'untouched'},shop-${target},${metric},${value}`);
      row('requests', 120);
      row('errors', errors);
      row('latency', latency);
    }
  }
  return rows.join('\n');
}

/** The policy of the guide, as it is printed there. */
async function guidePolicy(): Promise<string> {
  const [, policy] = /```yaml\n([\s\S]*?)```/.exec(await readFile(GUIDE, 'utf8')) ?? [];
  assert.ok(policy !== undefined, 'the guide shows a policy');
  return policy;
}

describe('ringfence judge', () => {
  it('says when it would have rolled back, and why, with the policy of the guide', async () => {
    await writeFile(join(folder, 'policy.yaml'), await guidePolicy());
    await writeFile(join(folder, 'bad.csv'), series(5));
    const { code, out, err } = await judge('--data', 'bad.csv', '--policy', 'policy.yaml');
    assert.equal(code, 5, err);
    const [, at] = /Rolled back at 2026-03-01T11:(\d\d):00Z\./.exec(out) ?? [];
    assert.ok(Number(at) > 15 && Number(at) < 40, out);
    assert.match(out, /fail +errors: .* on treated targets, .* on untouched targets; the difference is at least/);
  });

  it('goes on to the end where nothing is wrong', async () => {
    await writeFile(join(folder, 'policy.yaml'), await guidePolicy());
    await writeFile(join(folder, 'good.csv'), series(1));
    const { code, out, err } = await judge('--data', 'good.csv', '--policy', 'policy.yaml');
    assert.equal(code, 0, out + err);
    assert.match(out, /Not rolled back: .* of the budget of 1 % is spent/);
    assert.match(out, /pass +latency:/);
  });

  it('prints every look for programs, JSON lines in and out', async () => {
    const [heading = '', ...rows] = series(5).split('\n');
    const names = heading.split(',');
    const lines = rows.map((row) =>
      JSON.stringify(Object.fromEntries(row.split(',').map((field, i) => [names[i], field]))),
    );
    await writeFile(join(folder, 'bad.jsonl'), lines.join('\n'));
    await writeFile(join(folder, 'policy.yaml'), await guidePolicy());
    const { out } = await judge('--data', 'bad.jsonl', '--policy', 'policy.yaml', '--json');
    const looks = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(looks.length, 60);
    assert.ok(looks[0].spent < 1 && looks.at(-1).spent >= 1);
    const [errors] = looks.at(-1).checks;
    assert.ok(errors.lower > 0 && errors.upper > errors.lower && errors.treated.targets === 2);
  });

  const refused: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'a mistake in the data',
      'time,arm,target,metric,value\nnow,treated,a,errors,1',
      'checks: [{ name: a, kind: eventRate, events: errors }]',
      /data\.csv:2: "now" is not a time/,
    ],
    [
      'nobody treated',
      'time,arm,target,metric,value\n1,untouched,a,errors,1',
      'checks: [{ name: a, kind: eventRate, events: errors }]',
      /no treated target/,
    ],
    [
      'an unknown kind of check',
      'x',
      'checks:\n  - { name: a, kind: eventRat, events: b }',
      /did you mean "eventRate"\?/,
    ],
    ['an unknown field', 'x', 'checks: []\nerrorBudgt: 0.1', /did you mean "errorBudget"\?/],
    ['no checks', 'x', 'errorBudget: 0.01', /checks: found nothing/],
    ['an empty policy', 'x', '', /found nothing, expected one mapping with checks/],
    ['a policy that is no YAML', 'x', 'checks: [', /policy\.yaml:1/],
  ];
  for (const [name, data, policy, says] of refused) {
    it(`refuses ${name}, and says where`, async () => {
      await writeFile(join(folder, 'data.csv'), data);
      await writeFile(join(folder, 'policy.yaml'), policy);
      const { code, out, err } = await judge('--data', 'data.csv', '--policy', 'policy.yaml');
      assert.equal(code, 2, out + err);
      assert.match(err, says);
      assert.doesNotMatch(err, /at .*\.ts:\d+/);
    });
  }

  it('says which file is not there', async () => {
    const { code, err } = await judge('--data', 'none.csv', '--policy', 'none.yaml');
    assert.equal(code, 2);
    assert.match(err, /none\.yaml cannot be read/);
  });
});
