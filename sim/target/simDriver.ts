import type { Content } from '../../src/core/agent/slot.ts';
import type { SlotName } from '../../src/core/topology/service.ts';
import { type Driver, DriverError, type Reading, type Revision } from '../../src/engine/ports/driver.ts';
import type { Witness } from '../fact.ts';
import type { SimProcess } from '../kernel/simProcess.ts';
import type { Machine } from './machine.ts';

const READ_MS = 2;
const WRITE_MS = 6;
const RELOAD_MS = 120;
/** How long the service is asked what it runs before that counts as not shown. */
const SHOW_WITHIN_MS = 3_000;
const ASK_EVERY_MS = 250;

export interface SimDriverParts {
  readonly machine: Machine;
  readonly process: SimProcess;
  readonly witness: Witness;
  /** Whether the agent believes that the server can be reached. */
  readonly contact: () => boolean;
}

/** A configuration file and a service that is told to read it, and says when asked what it runs. */
export function simDriver(slot: SlotName, { machine, process, witness, contact }: SimDriverParts): Driver {
  const step = <T>(ms: number, act: () => T) => process.step(ms * machine.slowness, act);
  const read = (): Promise<Reading> =>
    step(READ_MS, () => ({ content: machine.holding(slot).file, bytes: machine.fileBytes(slot), attributes: {} }));

  /** Whole or not at all. */
  const put = ({ content, bytes }: Revision) => machine.writeFile(slot, content, content === 'absent' ? null : bytes);

  async function show(code: 'verify-failed' | 'revert-failed', wanted: Content, signal: AbortSignal): Promise<string> {
    const until = process.clock.monotonic() + SHOW_WITHIN_MS * machine.slowness;
    for (;;) {
      const { file, running } = await step(READ_MS, () => machine.holding(slot));
      if (file === wanted && running === wanted) return 'http';
      if (file !== wanted) throw new DriverError(code, `the file holds ${file}, expected ${wanted}`, true);
      if (signal.aborted || process.clock.monotonic() >= until)
        throw new DriverError(code, `the service still runs ${running}, expected ${wanted}`, true);
      await process.step(ASK_EVERY_MS, () => {});
    }
  }

  return {
    read,
    async prepare() {
      await step(WRITE_MS, () => {
        if (machine.diskFull) throw new DriverError('disk-full', 'there is no room for the new file', false);
      });
    },
    async apply(next, expected, signal) {
      witness({ kind: 'apply', machine, slot, to: next.content, contact: contact() });
      await step(WRITE_MS, () => {
        const { file } = machine.holding(slot);
        if (file !== expected) throw new DriverError('drifted', `the file holds ${file}, not ${expected}`, false);
        if (signal.aborted) throw new DriverError('apply-failed', 'not wanted any more', false);
        put(next);
      });
      await step(RELOAD_MS, () => machine.reload(slot));
    },
    verify: ({ content }, signal) => show('verify-failed', content, signal),
    async undo(back, _leaving, signal) {
      witness({ kind: 'undo', machine, slot, to: back.content, contact: contact() });
      await step(WRITE_MS, () => put(back));
      await step(RELOAD_MS, () => machine.reload(slot));
      return show('revert-failed', back.content, signal);
    },
    tidy: () => step(READ_MS, () => {}),
  };
}
