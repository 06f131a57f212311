import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { MemoryReport } from './demoReport.ts';

/** What these processes hold together. */
export function processMemory(pids: readonly number[]): MemoryReport {
  try {
    const sizes = pids.map((pid) => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    const sum = (field: string) =>
      sizes.reduce(
        (total, text) => total + 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0),
        0,
      );
    return { processes: pids.length, residentBytes: sum('Rss'), proportionalBytes: sum('Pss') };
  } catch {
    return { processes: pids.length, residentBytes: residentFromPs(pids), proportionalBytes: null };
  }
}

function residentFromPs(pids: readonly number[]): number {
  try {
    const rows = execFileSync('ps', ['-o', 'rss=', '-p', pids.join(',')], { encoding: 'utf8' });
    return rows.split('\n').reduce((total, row) => total + 1024 * Number(row), 0);
  } catch {
    return 0;
  }
}
