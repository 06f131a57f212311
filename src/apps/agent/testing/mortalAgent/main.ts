// An agent that is killed (SIGKILL) before its n-th step: what it asks of its disk and of its driver, counted from 1.
//
//   node main.ts SPEC.json      with DIE_BEFORE_STEP=n; left out: it lives. COUNT_FROM=driver.apply: that is step 1
//                               with DIE_IN_PHASE=applying: when that is written down, before it is acted on
//                               with BOOT=name: as if the machine had been booted since it ran under another name
//
// Prints each step before it is taken. SIGTERM ends it in order.
import { readFileSync } from 'node:fs';
import { openAgentDisk } from '../../../../adapters/agentdisk/openAgentDisk.ts';
import { driverFor } from '../../../../adapters/driver/driverRegistry.ts';
import type { AgentDisk } from '../../../../engine/ports/agentDisk.ts';
import type { AgentSpec } from '../../../../wire/manifest/agent.ts';
import { startAgent } from '../../startAgent.ts';

const dieBefore = Number(process.env.DIE_BEFORE_STEP ?? 0);
const countFrom = process.env.COUNT_FROM ?? '';
const dieIn = process.env.DIE_IN_PHASE ?? '';
let steps = 0;

/** The same object, whose methods are steps. */
function mortal<T extends object>(name: string, object: T): T {
  return new Proxy(object, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const step = `${name}.${String(key)}`;
        if (steps > 0 || countFrom === '' || step === countFrom) steps++;
        process.stdout.write(`${steps} ${step}\n`);
        if (steps === dieBefore) process.kill(process.pid, 'SIGKILL');
        return member.apply(target, args);
      };
    },
  });
}

function dyingInPhase(disk: AgentDisk): AgentDisk {
  return {
    ...disk,
    async writeRecord(slot, record) {
      await disk.writeRecord(slot, record);
      if (record.includes(`"name":"${dieIn}"`)) process.kill(process.pid, 'SIGKILL');
    },
  };
}

const spec = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as AgentSpec;
const silent = () => {};
const agent = await startAgent(
  spec,
  { debug: silent, info: silent, warn: silent, error: silent },
  {
    openDisk: async (directory, clock, entropy, boot) =>
      mortal('disk', dyingInPhase(await openAgentDisk(directory, clock, entropy, process.env.BOOT ?? boot))),
    driverFor: (...args) => {
      const driver = driverFor(...args);
      return driver.ok ? { ok: true, value: mortal('driver', driver.value) } : driver;
    },
  },
);
process.on('SIGTERM', () => void agent.stop().then(() => process.exit(0)));
