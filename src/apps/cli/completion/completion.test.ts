import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { cliEnv, MAIN, temporaryFolder } from '../testing/runCli.ts';

/** What is typed, what must be offered for its last word, and why. The shells themselves are asked. */
const OFFERED: readonly (readonly [
  line: string,
  includes: readonly string[],
  excludes: readonly string[],
  why: string,
])[] = [
  ['ringfence ro', ['rollout'], ['get'], 'a command'],
  [
    'ringfence ',
    ['apply', 'plan', 'rollout', 'halt'],
    ['watch', 'services'],
    'all commands, and none from inside others',
  ],
  ['ringfence rollout ', ['start', 'watch', 'rollback'], ['apply'], 'the commands of a command'],
  ['ringfence get t', ['targets', 'tokens'], ['services'], 'a resource'],
  ['ringfence log ', ['verify'], ['apply'], 'the command of one that runs by itself'],
  ['ringfence --server http://x get s', ['services'], ['server'], 'after an option with a value'],
  [
    'ringfence rollout start --pipeline get --',
    ['--watch', '--timeout'],
    ['--reason'],
    'a value that is called like a command is none',
  ],
  [
    'ringfence get target --',
    ['--label', '--connected', '--json', '--server'],
    ['--phase'],
    'options, by a singular as well',
  ],
  ['ringfence rollout pause --re', ['--reason'], ['--server'], 'an option by its beginning'],
  ['ringfence get rollouts --phase ', ['rolling', 'completed'], ['get', 'notes.txt'], 'the values of an option'],
  ['ringfence completion ', ['bash', 'zsh', 'fish'], ['notes.txt'], 'the values of an argument'],
  ['ringfence apply -f no', ['notes.txt'], ['apply'], 'files where a file is meant'],
];

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

/** A folder in which `ringfence` is this program, with a file to complete and a script for the shell. */
function place(shell: 'bash' | 'zsh' | 'fish') {
  const folder = temporaryFolder();
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'ringfence'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(join(bin, 'ringfence'), 0o755);
  writeFileSync(join(folder.path, 'notes.txt'), '');
  const env = cliEnv(folder.path, {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    RINGFENCE_SERVER: 'http://127.0.0.1:9',
  });
  const script = join(folder.path, `completion.${shell}`);
  const made = spawnSync('ringfence', ['completion', shell], { env, encoding: 'utf8' });
  assert.equal(made.stderr, '');
  writeFileSync(script, made.stdout);
  const run = (command: string, args: readonly string[]) => {
    const { stdout, stderr, status } = spawnSync(command, args, {
      cwd: folder.path,
      env,
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  return { folder, script, run, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

function check(offered: readonly string[], includes: readonly string[], excludes: readonly string[]): void {
  for (const word of includes) assert.ok(offered.includes(word), `${word} is missing in: ${offered.join(' ')}`);
  for (const word of excludes) assert.ok(!offered.includes(word), `${word} should not be in: ${offered.join(' ')}`);
}

test('bash completes', { skip: !has('bash') && 'there is no bash here' }, async (t) => {
  using bash = place('bash');
  const ask = `source ${bash.script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ringfence; printf '%s\\n' "\${COMPREPLY[@]}"`;
  for (const [line, includes, excludes, why] of OFFERED) {
    await t.test(`${why}: ${line}`, () => {
      check(bash.run('bash', ['--norc', '-c', ask, 'bash', ...line.split(' ')]).split('\n'), includes, excludes);
    });
  }
});

test('fish completes', { skip: !has('fish') && 'there is no fish here' }, async (t) => {
  using fish = place('fish');
  for (const [line, includes, excludes, why] of OFFERED) {
    await t.test(`${why}: ${line}`, () => {
      const offered = fish.run('fish', ['--no-config', '-c', `source ${fish.script}; complete -C '${line}'`]);
      check(
        offered.split('\n').map((each) => each.split('\t')[0] ?? ''),
        includes,
        excludes,
      );
    });
  }
});

/** What is typed, and what the line has become after a tab: only where there is one way to go on. */
const COMPLETED: readonly (readonly [typed: string, line: string])[] = [
  ['ringfence rollo', 'ringfence rollout '],
  ['ringfence rollout wa', 'ringfence rollout watch '],
  ['ringfence --server http://x get ki', 'ringfence --server http://x get kinds '],
  ['ringfence get target --lab', 'ringfence get target --label '],
  ['ringfence get rollouts --phase com', 'ringfence get rollouts --phase completed '],
  ['ringfence completion z', 'ringfence completion zsh '],
  ['ringfence apply -f not', 'ringfence apply -f notes.txt '],
];

/** An interactive zsh in a terminal of its own: types, presses tab, and writes down what stands on the line. */
const ZSH = `
zmodload zsh/zpty zsh/zselect
zpty shell zsh -f -i
zpty -w shell 'autoload -U compinit; compinit -D -u; source completion.zsh'
zpty -w shell 'write-down() { print -r -- "$BUFFER" > line.new; mv line.new line; BUFFER= }; zle -N write-down; bindkey "^X" write-down; : > ready'
wait-for() { integer tries=0; until [[ -e $1 ]]; do (( tries++ > 500 )) && exit 1; zselect -t 5; done }
wait-for ready
for typed in "$@"; do
  rm -f line
  zpty -w -n shell "$typed"$'\\t\\x18'
  wait-for line
  cat line
done
zpty -d shell
`;

test('zsh completes', { skip: !has('zsh') && 'there is no zsh here' }, () => {
  using zsh = place('zsh');
  const driver = join(zsh.folder.path, 'driver.zsh');
  writeFileSync(driver, ZSH);
  const lines = zsh
    .run('zsh', ['-f', driver, ...COMPLETED.map(([typed]) => typed)])
    .split('\n')
    .slice(0, -1);
  assert.deepEqual(
    lines,
    COMPLETED.map(([, line]) => line),
  );
});
