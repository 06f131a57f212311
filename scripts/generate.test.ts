import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generate, root, STEPS } from './generate.ts';

async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return new Map(paths.map((path, index) => [path.slice(folder.length + 1), contents[index] ?? '']));
}

test('committed generated files are what `npm run generate` writes, no more and no less', async (t) => {
  const into = await mkdtemp(join(tmpdir(), 'ringfence-generate-'));
  t.after(() => rm(into, { recursive: true }));
  await generate(into);
  for (const step of STEPS) {
    const fresh = await filesOf(join(into, step.folder));
    const committed = await filesOf(join(root, step.folder));
    assert.ok(fresh.size > 0, `${step.name} wrote nothing`);
    const says = (path: string) => `${step.folder}/${path} differs; run "npm run generate" and commit it`;
    assert.deepEqual([...committed.keys()].sort(), [...fresh.keys()].sort(), `files of ${step.folder}`);
    for (const [path, text] of fresh) assert.ok(committed.get(path) === text, says(path));
  }
});
