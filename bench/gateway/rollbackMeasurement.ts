import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ratioOf, rollbackBench } from './rollbackBench.ts';

export interface RollbackMeasurement {
  readonly agents: number;
  readonly runs: number;
  readonly into: string;
  readonly print: (line: string) => void;
}

/** Plain and with TLS, one after the other; figures go to `rollback.json` in `into`. */
export async function measureRollback({ agents, runs, into, print }: RollbackMeasurement): Promise<void> {
  const measured = [];
  for (const tls of [false, true]) {
    print(`${agents} agents, ${tls ? 'TLS' : 'plain'}`);
    const figures = await rollbackBench({ agents, runs, tls, print });
    print(`  a rollback takes ${ratioOf(figures).toFixed(2)} times as long as a bare broadcast with acknowledgements`);
    measured.push({ ...figures, ratio: ratioOf(figures) });
  }
  mkdirSync(into, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version };
  writeFileSync(join(into, 'rollback.json'), `${JSON.stringify({ machine, measured }, null, 2)}\n`);
}
