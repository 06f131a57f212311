import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Finding, RULES } from '../scripts/shape/rules.ts';
import { separateCode } from '../scripts/shape/separateCode.ts';
import { readRepository, type SourceFile, toSourceFile } from '../scripts/shape/sourceFile.ts';

const repository = await readRepository(join(import.meta.dirname, '..'));

describe('the shape of this repository', () => {
  for (const [name, rule] of Object.entries(RULES)) {
    test(name, () => {
      const findings: readonly Finding[] = rule(repository);
      assert.ok(findings.length === 0, findings.map(({ path, line, says }) => `${path}:${line}: ${says}`).join('\n'));
    });
  }
});

type Files = Readonly<Record<string, string>>;

const files = (contents: Files): readonly SourceFile[] =>
  Object.entries(contents).map(([path, text]) => toSourceFile(path, text));

const imports = (from: string, what: string): Files => ({ [from]: `import { a } from '${what}';\n` });

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: programs as text
// biome-ignore format: a table
const BAD: readonly (readonly [rule: keyof typeof RULES, contents: Files, where: string, why: string])[] = [
  ['imports go downward', imports('src/core/a.ts', '../wire/b.ts'), 'src/core/a.ts:1', 'core stands on nothing'],
  ['imports go downward', imports('src/wire/a/b.ts', '../../engine/c.ts'), 'src/wire/a/b.ts:1', 'wire knows no engine'],
  ['imports go downward', { 'src/engine/a.ts': "// a\nimport type { A } from '../adapters/b/c.ts';\n" }, 'src/engine/a.ts:2', 'types count as well'],
  ['imports go downward', { 'src/engine/a.ts': "const a: import('../apps/b.ts').B = c;\n" }, 'src/engine/a.ts:1', 'also where they stand in a type'],
  ['imports go downward', { 'src/engine/a.ts': "const a = await import('../apps/b.ts');\n" }, 'src/engine/a.ts:1', 'also when imported late'],
  ['imports go downward', { 'src/engine/a.ts': "export * from '../apps/b.ts';\n" }, 'src/engine/a.ts:1', 'also when passed on'],
  ['imports go downward', imports('src/apps/a.ts', '../../test/b.ts'), 'src/apps/a.ts:1', 'the product does not stand on its tests'],
  ['folders of adapters do not know each other', imports('src/adapters/http/a.ts', '../store/b.ts'), 'src/adapters/http/a.ts:1', 'only an app wires them'],
  ['the product does not stand on its tests', imports('src/engine/a.ts', './testing/b.ts'), 'src/engine/a.ts:1', 'testing/ is not published'],
  ['the product does not stand on its tests', imports('src/engine/a.ts', './b.test.ts'), 'src/engine/a.ts:1', 'nor are tests'],
  ['nothing imports the simulator or the benchmarks', imports('test/a.test.ts', '../sim/b.ts'), 'test/a.test.ts:1', 'it imports everything, nothing imports it'],
  ['nothing imports the simulator or the benchmarks', imports('src/core/a.ts', '../../bench/b.ts'), 'src/core/a.ts:1', 'likewise'],
  ['the console sees wire/ only', imports('web/a.ts', '../src/core/b.ts'), 'web/a.ts:1', 'the page is a client like any other'],
  ['the core is pure', imports('src/core/a.ts', 'node:fs'), 'src/core/a.ts:1', 'no I/O'],
  ['the core is pure', imports('src/core/a.ts', 'zod'), 'src/core/a.ts:1', 'no dependencies'],
  ['the core is pure', { 'src/core/a.ts': 'const a = 1;\nconst now = Date.now();\n' }, 'src/core/a.ts:2', 'no clock'],
  ['the core is pure', { 'src/core/a.ts': 'const a = Math.random();\n' }, 'src/core/a.ts:1', 'no chance'],
  ['the core is pure', { 'src/core/a.ts': 'export async function a() {}\n' }, 'src/core/a.ts:1', 'no waiting'],
  ['the core is pure', { 'src/core/a.ts': 'const a = `${process.pid}`;\n' }, 'src/core/a.ts:1', 'an expression in a template is code'],
  ['the core is pure', { 'src/core/a.ts': 'setTimeout(a, 1);\n' }, 'src/core/a.ts:1', 'no timers'],
  ['SQL has one home', { 'src/apps/a.ts': "db.exec('DELETE FROM events');\n" }, 'src/apps/a.ts:1', 'not in an app'],
  ['SQL has one home', { 'src/adapters/http/a.ts': 'db.all(`SELECT *\n  FROM events`);\n' }, 'src/adapters/http/a.ts:1', 'nor in another adapter'],
  ['SQL has one home', imports('src/engine/a.ts', 'node:sqlite'), 'src/engine/a.ts:1', 'nor the means for it'],
  ['files are named for what they export', { 'src/core/utils.ts': '' }, 'src/core/utils.ts:1', 'a drawer for everything'],
  ['files are named for what they export', { 'src/wire/http/index.ts': '' }, 'src/wire/http/index.ts:1', 'a barrel'],
  ['files are named for what they export', { 'test/helpers.test.ts': '' }, 'test/helpers.test.ts:1', 'in tests as well'],
  ['no file is over 500 lines', { 'src/core/a.ts': 'a;\n'.repeat(501) }, 'src/core/a.ts:1', 'nobody reads that'],
  ['nothing is left for later', { 'src/core/a.ts': `const a = 1;\n// TO${''}DO: b\n` }, 'src/core/a.ts:2', 'a note to oneself'],
  ['nothing is left for later', { 'web/a.ts': `// Good enough for ${'now'}.\n` }, 'web/a.ts:1', 'one that reads like an excuse'],
  ['no test runs alone', { 'src/core/a.test.ts': "test.only('a', () => {});\n" }, 'src/core/a.test.ts:1', 'the others would be skipped in silence'],
  ['no test runs alone', { 'test/a.test.ts': "test('a', { only: true }, () => {});\n" }, 'test/a.test.ts:1', 'the other spelling'],
  ['no dead files', { 'src/apps/cli/main.ts': "import './a.ts';\n", 'src/apps/cli/a.ts': '', 'src/apps/cli/b.ts': '' }, 'src/apps/cli/b.ts:1', 'nothing leads there'],
  ['no dead files', { 'src/core/a.ts': "import './b.ts';\n", 'src/core/b.ts': "import './a.ts';\n" }, 'src/core/a.ts:1', 'two dead files that hold each other'],
  ['every dependency has its reason', { 'package.json': '{\n "dependencies": {\n  "left-pad": "1.0.0" } }\n' }, 'package.json:3', 'it is not in decision 0002'],
  ['the lock file names no registry', { 'package-lock.json': '{\n  "resolved": "https://registry.example/a.tgz"\n}\n' }, 'package-lock.json:2', 'it would fetch from there for ever'],
  ['documents name files that exist', { 'docs/a/b.md': 'a\nsee [c](../c.md)\n' }, 'docs/a/b.md:2', 'a link into nowhere'],
  ['documents name files that exist', { 'a.md': 'look in `src/core/gone.ts`\n' }, 'a.md:1', 'a file that has moved'],
  ['it speaks of the product alone', { 'docs/a.md': `see /${'home'}/me/notes\n` }, 'docs/a.md:1', "a path of somebody's machine"],
  ['it speaks of the product alone', { 'src/core/a.ts': `// Fixes issue ${'#'}12.\n` }, 'src/core/a.ts:1', 'trackers come and go'],
];

describe('every rule can fail', () => {
  for (const [rule, contents, where, why] of BAD) {
    test(`${rule}: ${why}`, () => {
      const found = RULES[rule](files(contents)).map(({ path, line }) => `${path}:${line}`);
      assert.ok(found.includes(where), `found ${JSON.stringify(found)}`);
    });
  }
  test('none is without an example', () => {
    assert.deepEqual(
      Object.keys(RULES).filter((name) => !BAD.some(([rule]) => rule === name)),
      [],
    );
  });
});

// biome-ignore format: a table
const GOOD: readonly (readonly [rule: keyof typeof RULES, contents: Files, why: string])[] = [
  ['imports go downward', { 'src/wire/a.ts': "import { b } from '../core/b.ts';\nimport { c } from './c.ts';\nimport { z } from 'zod';\n" }, 'downwards, sideways within a floor, and packages'],
  ['imports go downward', imports('src/core/a.test.ts', '../wire/b.ts'), 'tests stand above everything'],
  ['folders of adapters do not know each other', imports('src/adapters/http/routes/a.ts', '../b.ts'), 'one folder knows itself'],
  ['the product does not stand on its tests', imports('src/engine/testing/a.ts', './b.ts'), 'what tests use may stand on each other'],
  ['nothing imports the simulator or the benchmarks', imports('scripts/sim.ts', '../sim/b.ts'), 'the command that starts it'],
  ['the console sees wire/ only', imports('web/a.ts', '../src/wire/b.ts'), 'the shapes of the API'],
  ['the core is pure', { 'src/core/a.ts': "// Date, async and fetch in a comment\nconst a = 'await the Promise'; /* process */\n" }, 'words are not code'],
  ['the core is pure', { 'src/core/a.ts': 'const a = /Date|process/.test(b) ? `console ${c} fetch` : 1 / 2;\n' }, 'nor are patterns and templates'],
  ['the core is pure', { 'src/core/a.ts': 'export const updatedProcess = 1;\nexport const a = { dates: 2 };\n' }, 'parts of words are other words'],
  ['the core is pure', { 'src/core/a.test.ts': "import assert from 'node:assert';\nawait 1;\n" }, 'tests of the core may do as they must'],
  ['SQL has one home', { 'src/adapters/store/a.ts': "export const a = 'SELECT a FROM b';\nimport 'node:sqlite';\n" }, 'there it is at home'],
  ['SQL has one home', { 'src/apps/a.ts': "say('Select one from the list, or DELETE the file from disk.');\n" }, 'a sentence with the same words'],
  ['nothing is left for later', { 'src/core/a.ts': `// What it waits for ${'now'}, and todos of others.\n` }, 'an honest sentence'],
  ['no dead files', { 'src/adapters/store/a.ts': 'new Worker(new URL(`./b.${extension}`, here));\n', 'src/adapters/store/b.ts': '', 'src/adapters/store/a.test.ts': "import './a.ts';\n" }, 'a thread is led to by its name'],
  ['no dead files', { 'bench/a.ts': "new Worker(new URL('./b.ts', import.meta.url));\n", 'bench/b.ts': '', 'bench/a.test.ts': "import './a.ts';\n" }, 'or by its address'],
  ['no dead files', { 'src/apps/cli/a.ts': "// Writes a page: node src/apps/cli/a.ts\nimport './b.ts';\n", 'src/apps/cli/b.ts': '' }, 'a program that people start by hand'],
  ['documents name files that exist', { 'docs/a/b.md': '[c](../c.md#d), [e](https://f.example/g), `docs/a/`, `src/*/x`, `h.ts`\n', 'docs/c.md': '' }, 'links that lead somewhere, other sites, patterns'],
  ['it speaks of the product alone', { 'docs/a.md': 'see https://example.org/home/me, ~/root/, and the issue at hand\n' }, 'addresses are not paths'],
];

describe('no rule cries wolf', () => {
  for (const [rule, contents, why] of GOOD) {
    test(`${rule}: ${why}`, () => assert.deepEqual(RULES[rule](files(contents)), []));
  }
});

test('code and strings are told apart, at the same offsets', () => {
  // biome-ignore format: a table
  const table: readonly (readonly [text: string, code: string, strings: string])[] = [
    ["a('b\\'c');// d", "a('    ');    ", "   b\\'c       "],
    ['a = `b${c + `d${{}}`}e`;', 'a = ` ${c + ` ${{}}`} `;', '     b       d       e  '],
    ['a = /[/"]\\//g / b;', 'a =           / b;', '                  '],
    ['a / b / "c"', 'a / b / " "', '         c '],
    ['/* a\n"b" */ c', '    \n       c', '    \n        '],
    ["'unclosed\na", "'        \na", ' unclosed\n '],
  ];
  for (const [text, code, strings] of table) assert.deepEqual(separateCode(text), { code, strings }, text);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: programs as text
