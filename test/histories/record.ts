// Plays stories on the real engine and keeps what it recorded: node test/histories/record.ts FOLDER [STORY...]
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestLine, HISTORIES, replay } from './history.ts';
import { HistoryStage } from './historyStage.ts';
import { STORIES } from './stories.ts';

const [folder, ...wanted] = process.argv.slice(2);
if (folder === undefined || !/^\d{3}-[a-z0-9-]+$/.test(folder)) {
  process.stderr.write('usage: node test/histories/record.ts NNN-what-is-new [STORY...]\n');
  process.exit(2);
}
mkdirSync(join(HISTORIES, folder), { recursive: true });
for (const [name, play] of Object.entries(STORIES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const file = `${folder}/${name}.jsonl`;
  const outcomeFile = `${folder}/${name}.outcome`;
  if (existsSync(join(HISTORIES, file))) {
    process.stdout.write(`${file} is there already: what is kept is never changed\n`);
    continue;
  }
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-history-'));
  try {
    const on = new HistoryStage(directory);
    await play(on);
    // Closed and opened once more, so that what a clean end leaves is on it.
    await on.close();
    await on.open();
    const events = await on.events();
    await on.close();
    writeFileSync(join(HISTORIES, file), `${events.map((event) => JSON.stringify(event)).join('\n')}\n`);
    writeFileSync(join(HISTORIES, outcomeFile), `${JSON.stringify(replay(events).outcome, null, 1)}\n`);
    for (const made of [file, outcomeFile]) appendFileSync(join(HISTORIES, 'digests.txt'), `${digestLine(made)}\n`);
    process.stdout.write(`${file}: ${events.length} events\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
