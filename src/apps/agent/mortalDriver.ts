// node src/apps/agent/mortalDriver.ts
// A driver that goes one way and is killed (SIGKILL) at the step it is told: before it, or so many microseconds into it. A step is anything
// it asks of the system: a call to the disk, a program, a request. Reads its order as JSON from standard input; prints each step
// before it is taken. Started by `killer.ts`, to prove that a kind of change leaves old or new and never half.
import { readFileSync, writeSync } from 'node:fs';
import disk, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import type { Death, MortalOrder } from '../../adapters/driver/contract/deaths.ts';
import { resumableDownloads } from '../../adapters/host/resumableDownloads.ts';
import { systemHost } from '../../adapters/host/systemHost.ts';
import { ed25519 } from '../../adapters/signing/ed25519.ts';
import type { Downloads } from '../../engine/ports/downloads.ts';
import type { Driver } from '../../engine/ports/driver.ts';
import { type DriverSource, driverFrom } from './driverSource.ts';

type Call = (...args: never[]) => unknown;

let steps = 0;
let doing = '';
let death: Death | null = null;
/** How many calls to the host are under way: what it does in them is its own affair, and one step. */
let hosted = 0;

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('it is dead');
}

/** The same function, as a step of whatever is being done. */
function asStep(name: string, call: Call): Call {
  return function (this: unknown, ...args: never[]) {
    if (doing === '' || death === null || hosted > 0) return call.apply(this, args);
    steps++;
    writeSync(1, `${doing}: ${name}\n`);
    if (steps !== death.step) return call.apply(this, args);
    if (death.afterUs === null) die();
    const until = process.hrtime.bigint() + BigInt(death.afterUs) * 1_000n;
    const begun = call.apply(this, args);
    if (begun instanceof Promise) begun.catch(() => {});
    while (process.hrtime.bigint() < until);
    return die();
  };
}

function hostCall(call: Call): Call {
  return async (...args: never[]) => {
    hosted++;
    try {
      return await call(...args);
    } finally {
      hosted--;
    }
  };
}

/** Every function of the object becomes a step. */
function withSteps(object: object, names: readonly string[] = Object.keys(object)): void {
  const members = object as Record<string, unknown>;
  for (const name of names) {
    const member = members[name];
    if (typeof member === 'function') members[name] = asStep(name, member as Call);
  }
}

const order = JSON.parse(readFileSync(0, 'utf8'), (_, value) =>
  value !== null && typeof value === 'object' && typeof value.base64 === 'string'
    ? Buffer.from(value.base64, 'base64')
    : value,
) as MortalOrder;

const someFile: FileHandle = await disk.open(process.execPath, 'r');
const handle = Object.getPrototypeOf(someFile) as object;
await someFile.close();
withSteps(
  handle,
  Object.getOwnPropertyNames(handle).filter((name) =>
    /^(?:write|writeFile|readFile|sync|datasync|chmod|chown|truncate)$/.test(name),
  ),
);
withSteps(disk);
// The named imports of every module are these functions from now on.
syncBuiltinESMExports();
const host = { ...systemHost(systemClock) };
for (const [name, member] of Object.entries(host)) Object.assign(host, { [name]: asStep(name, hostCall(member)) });

const downloads = resumableDownloads(systemClock, null);
const { next, back, way } = order;
const driver: Driver = await driverFrom(order.source as DriverSource, {
  host,
  clock: systemClock,
  downloads: { fetch: asStep('fetch', hostCall(downloads.fetch)) as Downloads['fetch'] },
  verifier: ed25519,
});
const { signal } = new AbortController();
death = order.death;
const act = async (name: string, perform: () => Promise<unknown>) => {
  doing = name;
  await perform();
};
if (way === 'forward') {
  await act('read', () => driver.read(signal));
  await act('prepare', () => driver.prepare(next, back, signal));
  await act('apply', () => driver.apply(next, back.content, signal));
  await act('verify', () => driver.verify(next, signal));
  await act('tidy', () => driver.tidy(back.content, new Set([back.content, next.content])));
} else {
  await act('undo', () => driver.undo(back, next.content, signal, 'reload'));
  await act('tidy', () => driver.tidy(null, new Set([back.content])));
}
process.exit(0);
