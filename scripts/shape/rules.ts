import { posix } from 'node:path';
import { importedPath, isProgram, reachableFrom } from './moduleGraph.ts';
import type { SourceFile } from './sourceFile.ts';

/** One place where the repository is not as it should be. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly says: string;
}

type Rule = (files: readonly SourceFile[]) => Finding[];

/** From the ground up: a folder of `src/` imports its own floor and those below it, types included. */
export const FLOORS = ['core', 'wire', 'engine', 'adapters', 'apps'] as const;

const floorOf = (path: string) => FLOORS.findIndex((floor) => path.startsWith(`src/${floor}/`));
const isTest = (path: string) => path.endsWith('.test.ts') || path.startsWith('test/');
const isForTests = (path: string) => isTest(path) || path.includes('/testing/');
const isGenerated = (path: string) => path.includes('/generated/') || path.endsWith('.schema.json');
const isProgramText = (path: string) => /\.(?:tsx?|mjs)$/.test(path);

/** Every rule about the shape of this repository, by the name it is reported under. */
export const RULES = {
  'imports go downward': overImports((file, imported) => {
    const [from, to] = [floorOf(file.path), floorOf(imported)];
    if (from === -1 || isTest(file.path) || (to !== -1 && to <= from)) return null;
    return `src/${FLOORS[from]} imports ${imported}; it may import ${FLOORS.slice(0, from + 1).join(', ')} only`;
  }),

  'folders of adapters do not know each other': overImports((file, imported) => {
    const [from, to] = [file.path, imported].map((path) => /^src\/adapters\/([^/]+)\//.exec(path)?.[1]);
    if (from === undefined || to === undefined || from === to || isTest(file.path)) return null;
    return `adapter "${from}" imports adapter "${to}"; what both need belongs to wire/ or behind a port`;
  }),

  'the product does not stand on its tests': overImports((file, imported) => {
    const upsideDown =
      !isForTests(file.path) && !/(?:Contract|[fF]ixtures?)\.ts$/.test(file.path) && isForTests(imported);
    return upsideDown ? `imports ${imported}, which is there for tests` : null;
  }),

  'nothing imports the simulator or the benchmarks': overImports((file, imported) => {
    // The commands that start them stand in scripts/.
    const outside = !/^(?:sim|bench|scripts)\//.test(file.path) && /^(?:sim|bench)\//.test(imported);
    return outside ? `imports ${imported}` : null;
  }),

  'the console sees wire/ only': overImports((file, imported) => {
    if (!file.path.startsWith('web/') || isTest(file.path) || /^(?:web|src\/wire)\//.test(imported)) return null;
    return `imports ${imported}`;
  }),

  'the core is pure': overFiles(
    (path) => path.startsWith('src/core/') && isProgramText(path) && !isTest(path),
    (file) => [
      ...file.imports
        .filter(({ specifier }) => !specifier.startsWith('.'))
        .map(({ specifier, offset }) => ({ offset, says: `imports the package "${specifier}"` })),
      ...matches(
        file.code,
        IMPURE,
        (word) => `uses ${word}: time, chance and the world are told to the core, it never asks`,
      ),
    ],
  ),

  'SQL has one home': overFiles(
    (path) =>
      /^(?:src|web|scripts)\//.test(path) &&
      !path.startsWith('src/adapters/store/') &&
      !isTest(path) &&
      !Object.hasOwn(SQL_ELSEWHERE, path),
    (file) => [
      ...file.imports
        .filter(({ specifier }) => specifier === 'node:sqlite')
        .map(({ offset }) => ({ offset, says: 'imports node:sqlite; src/adapters/store does that' })),
      ...matches(file.strings, SQL, (words) => `has SQL in it ("${words}"); src/adapters/store is its home`),
    ],
  ),

  'files are named for what they export': overFiles(isProgramText, ({ path }) => {
    const stem = posix.basename(path).replace(/\..*$/, '');
    return /^(?:utils?|helpers?|common|misc|shared|index)$/i.test(stem)
      ? [{ offset: 0, says: `"${stem}" says nothing` }]
      : [];
  }),

  'no file is over 500 lines': overFiles(
    (path) => isProgramText(path) && !isGenerated(path),
    ({ text }) => {
      const lines = text.trimEnd().split('\n').length;
      return lines > 500 ? [{ offset: 0, says: `${lines} lines` }] : [];
    },
  ),

  'nothing is left for later': overFiles(
    (path) => isProgramText(path) && !isGenerated(path),
    ({ text }) => matches(text, LATER, (words) => `"${words}": do it, or write down in docs/ that it is missing`),
  ),

  'no test runs alone': overFiles(isTest, ({ code }) =>
    matches(
      code,
      /\b(?:test|it|describe|suite)\.only\b|\bonly: true\b/g,
      (words) => `"${words}" hides the other tests`,
    ),
  ),

  'no dead files': (files) => {
    const programs = files.filter(({ path }) => isProgramText(path));
    // A program that people start by hand says so on its first line.
    const isStarted = ({ path, text }: SourceFile) =>
      isProgram(path) ||
      isTest(path) ||
      path.startsWith('scripts/') ||
      text.split('\n', 1)[0]?.includes(`node ${path}`);
    const starts = programs.filter(isStarted).map(({ path }) => path);
    const reached = reachableFrom(starts, programs);
    return programs
      .filter(({ path }) => !reached.has(path))
      .map(({ path }) => ({ path, line: 1, says: 'no program and no test leads here' }));
  },

  'every dependency has its reason': (files) => {
    const manifest = files.find(({ path }) => path === 'package.json');
    const reasons = files.find(({ path }) => path === REASONS)?.text ?? '';
    if (manifest === undefined) return [];
    const { dependencies = {}, devDependencies = {} } = JSON.parse(manifest.text) as Readonly<Record<string, object>>;
    return Object.keys({ ...dependencies, ...devDependencies })
      .filter((name) => !reasons.includes(`\`${name}\``))
      .map((name) => ({
        path: manifest.path,
        line: manifest.text.slice(0, manifest.text.indexOf(`"${name}":`)).split('\n').length,
        says: `why "${name}"? ${REASONS} does not say`,
      }));
  },

  'the lock file names no registry': overFiles(
    (path) => path === 'package-lock.json',
    ({ text }) =>
      matches(
        text,
        /"resolved": "[a-z+]+:\/\/[^/"]+/g,
        (words) => `${words}": write it with omit-lockfile-registry-resolved`,
      ),
  ),

  'documents name files that exist': (files) => {
    const paths = new Set(files.flatMap(({ path }) => [path, ...foldersAbove(path)]));
    return overFiles(
      (path) => path.endsWith('.md'),
      ({ path, text }) =>
        [...text.matchAll(NAMED_FILE)].flatMap((match) => {
          const [, link, named] = match;
          const target = link === undefined ? (named ?? '') : posix.join(posix.dirname(path), link);
          const exists = paths.has(posix.normalize(target).replace(/\/$/, ''));
          return exists ? [] : [{ offset: match.index, says: `there is no ${target}` }];
        }),
    )(files);
  },

  'it speaks of the product alone': overFiles(
    (path) => path !== 'LICENSE' && path !== 'package-lock.json',
    ({ text }) => matches(text, ELSEWHERE, (words) => `"${words}" belongs to a workplace, not to the product`),
  ),
} satisfies Readonly<Record<string, Rule>>;

/** Files that may speak to SQLite outside its home, each with its reason. */
const SQL_ELSEWHERE: Readonly<Record<string, string>> = {
  'src/adapters/agentdisk/directoryLock.ts':
    "an empty database is the operating system's file lock, which Node has no other call for",
};

const REASONS = 'docs/decisions/0002-runtime-and-dependencies.md';

/** In prose: the target of a link into the repository, or a path in backticks that starts at one of its folders. */
const NAMED_FILE =
  /\]\((?!\w+:|#|NNNN)([^)#\s]+)[^)]*\)|`((?:src|web|scripts|test|docs|examples|bin|\.ci)\/[\w./-]*)`/g;

const IMPURE =
  /\b(?:Date|Temporal|performance|Math\.random|crypto|await|async|Promise|setTimeout|setInterval|setImmediate|queueMicrotask|process|console|fetch|globalThis|Buffer)\b/g;

const SQL =
  /\b(?:SELECT\s[^'"]*?\sFROM|INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(?:TABLE|INDEX|TRIGGER)|PRAGMA\s+\w+|BEGIN\s+IMMEDIATE)\b/g;

// Brackets around a letter keep this file from finding its own patterns.
const LATER = new RegExp(
  [
    String.raw`\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b`,
    // As an excuse only: that something waits for the present is an honest sentence.
    String.raw`\b(?:enough|good|fine|ok|okay|simple|simply|ignore[ds]?|skip(?:ped|s)?|hard-?coded?|stub(?:bed)?|fake[ds]?|disabled?|left|leave|works?|empty|nothing|unused|this|that|so|just),? for no[w]\b`,
    String.raw`(?:\/\/|\*|[.;:(]) *[Ff]or no[w]\b`,
  ].join('|'),
  'g',
);

/** Somebody's machine, tickets of some tracker, and tools that wrote a line. */
const ELSEWHERE = new RegExp(
  [
    String.raw`(?<![\w./~-])\/(?:hom[e]|User[s]|roo[t]|work\/mai[n]|work\/share[d])\/[\w.-]+`,
    String.raw`\b(?:issu[e]|ticke[t]) #?\d+\b`,
    String.raw`\bregistr[y]\.npmjs\.org\b`,
    String.raw`\b(?:Claud[e]|Anthropi[c]|ChatGP[T]|Copilo[t])\b`,
  ].join('|'),
  'g',
);

function foldersAbove(path: string): readonly string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [folder, ...foldersAbove(folder)];
}

function overImports(judge: (file: SourceFile, imported: string) => string | null): Rule {
  return overFiles(
    () => true,
    (file) =>
      file.imports.flatMap(({ specifier, offset }) => {
        const imported = importedPath(file.path, specifier);
        const says = imported === null ? null : judge(file, imported);
        return says === null ? [] : [{ offset, says }];
      }),
  );
}

interface Place {
  readonly offset: number;
  readonly says: string;
}

function overFiles(applies: (path: string) => boolean, judge: (file: SourceFile) => readonly Place[]): Rule {
  return (files) =>
    files
      .filter(({ path }) => applies(path))
      .flatMap((file) =>
        judge(file).map(({ offset, says }) => ({
          path: file.path,
          line: file.text.slice(0, offset).split('\n').length,
          says,
        })),
      );
}

function matches(text: string, pattern: RegExp, says: (words: string) => string): Place[] {
  return [...text.matchAll(pattern)].map((match) => ({ offset: match.index, says: says(match[0]) }));
}
