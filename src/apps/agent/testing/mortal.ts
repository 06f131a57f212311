import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { agentPaths, readRecord } from '../../../adapters/agentdisk/agentDirectory.ts';
import { eventually } from '../../../adapters/driver/testing/eventually.ts';
import type { PhaseName, Slot } from '../../../core/agent/slot.ts';
import { readSlotRecord } from '../../../engine/agent/slotRecord.ts';
import type { SlotReport } from '../../../engine/ports/fleet.ts';
import { type AgentBench, agentBench } from './agentBench.ts';
import { type Order, SLOT } from './benchFleet.ts';

const PROGRAM = join(import.meta.dirname, 'mortalAgent', 'main.ts');

/** One agent program after the other for the same target. */
export class Mortal {
  readonly bench: AgentBench;
  readonly #children: ChildProcess[] = [];
  #round = 0;

  constructor(test: TestContext, bench: AgentBench) {
    this.bench = bench;
    test.after(() => {
      for (const child of this.#children) child.kill('SIGKILL');
    });
  }

  /** Another target altogether, which never had an agent; its file is as it was at first. */
  async fresh(): Promise<void> {
    const { bench } = this;
    this.#round++;
    bench.spec = { ...bench.spec, name: `shop-${this.#round}`, directory: join(bench.folder, `state-${this.#round}`) };
    bench.reset();
    await bench.reload();
    bench.fleet.order({});
  }

  order(order: Order): void {
    this.bench.fleet.order({ rollout: `shop-${this.#round}`, ...order });
  }

  /** `death`: when it dies, in the words of the program; left out: it lives. */
  start(death: Readonly<Record<string, string>> = {}): ChildProcess {
    const file = join(this.bench.folder, 'spec.json');
    writeFileSync(file, JSON.stringify(this.bench.spec));
    const env = { ...process.env, ...death };
    const child = spawn(process.execPath, [PROGRAM, file], { stdio: ['ignore', 'pipe', 'inherit'], env });
    this.#children.push(child);
    this.bench.fleet.reports.length = 0;
    return child;
  }

  /** Starts an agent that dies before the n-th step. The step, or `null` when it came to rest without getting that far. */
  async liveUntil(step: number, atRest: (slot: SlotReport) => boolean, countFrom = ''): Promise<string | null> {
    const child = this.start({ DIE_BEFORE_STEP: String(step), COUNT_FROM: countFrom });
    let said = '';
    child.stdout?.on('data', (bytes) => {
      said += bytes;
    });
    const died = await eventually('it dies or comes to rest', () => {
      if (child.signalCode === 'SIGKILL') return 'died';
      assert.equal(child.exitCode, null, said);
      const { slot } = this.bench.fleet;
      return slot !== undefined && atRest(slot) ? 'rested' : null;
    });
    if (died === 'died') return said.trim().split('\n').at(-1) ?? '';
    await this.end(child);
    return null;
  }

  async end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  /** What the directory says the slot was doing; `null` before anything was written. */
  async phase(): Promise<PhaseName | null> {
    return (await this.record())?.phase.name ?? null;
  }

  async record(slot = SLOT): Promise<Slot | null> {
    const text = await readRecord(agentPaths(this.bench.spec.directory), slot);
    if (text === null) return null;
    const record = readSlotRecord(text);
    assert.ok(record.ok, record.ok ? '' : record.error);
    return record.value;
  }
}

export async function mortal(test: TestContext): Promise<Mortal> {
  return new Mortal(test, await agentBench(test));
}
