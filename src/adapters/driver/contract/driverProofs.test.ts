import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { driverTools } from '../../../../test/support/driverTools.ts';
import type { Driver } from '../../../engine/ports/driver.ts';
import { configFilePlace } from '../testing/places/configPlace.ts';
import { DRIVER_PROOFS, NotProven } from './driverProofs.ts';
import type { MakePlace } from './kindPlace.ts';

const MAKE = configFilePlace(driverTools());

/** A kind that is right but for one thing. */
function broken(change: (driver: Driver, folder: string) => Partial<Driver>): MakePlace {
  return async (folder) => {
    const place = await MAKE(folder);
    return {
      ...place,
      driver() {
        const driver = place.driver();
        return { ...driver, ...change(driver, folder) };
      },
    };
  };
}

const done = async () => {};

// biome-ignore format: a table
const BROKEN: readonly (readonly [what: string, change: Parameters<typeof broken>[0], says: RegExp])[] = [
  ['its undo does nothing', () => ({ undo: async () => 'file' }), /after the first undo there is in force .*version.*2/],
  ['its apply does nothing', () => ({ apply: done, verify: async () => 'file' }), /the first apply has no effect/],
  ['its verify believes everything', () => ({ verify: async () => 'file' }), /verify of what was never applied succeeds, expected it to fail with verify-failed/],
  ['its verify throws what nobody expects', (driver) => ({ verify: async (...args) => driver.verify(...args).catch(() => { throw new Error('no'); }) }), /throws Error: no, expected a DriverError/],
  ['its prepare puts things in force', (_, folder) => ({ prepare: (next) => writeFile(`${folder}/shop.json`, next.bytes ?? '') }), /after prepare there is in force/],
  ['it overwrites what it did not expect', (driver) => ({ apply: async (next, _, signal) => driver.apply(next, (await driver.read(signal)).content, signal) }), /apply over something else succeeds/],
  ['it leaves things behind', () => ({ tidy: done }), /what lies about after it/],
];

describe('the contract of drivers refuses a kind of change when', () => {
  for (const [what, change, says] of BROKEN) {
    it(what, async () => {
      const complaints: string[] = [];
      for (const { prove } of DRIVER_PROOFS) {
        try {
          await prove(broken(change));
        } catch (error) {
          assert.ok(error instanceof NotProven, String(error));
          complaints.push(error.message);
        }
      }
      assert.match(complaints.join('\n'), says);
    });
  }

  it('nothing: the one it was made from passes', async () => {
    for (const { prove } of DRIVER_PROOFS) await prove(MAKE);
  });
});
