import { describe, it } from 'node:test';
import { driverTools } from '../../../test/support/driverTools.ts';
import { killer } from '../../apps/agent/killer.ts';
import { deaths, fateLines } from './contract/deaths.ts';
import { DRIVER_PROOFS } from './contract/driverProofs.ts';
import { KIND_PLACES } from './testing/places/kindPlaces.ts';

const TOOLS = driverTools();
/** Another one each day finds other moments; the one that failed is said. */
const SEED = Number(process.env.SEED ?? Math.floor(Date.now() / 86_400_000));

for (const [kind, places] of Object.entries(KIND_PLACES)) {
  for (const [where, { make, traits, spared = false }] of Object.entries(places)) {
    describe(`driver contract: ${kind}, ${where}`, () => {
      for (const { name, prove } of DRIVER_PROOFS) it(name, () => prove(make(TOOLS)));

      if (spared) return;
      it(`laws 5, 7: killed (SIGKILL) before and within every step, it leaves old or new and never half (SEED=${SEED})`, async (test) => {
        const fates = await deaths(make(TOOLS), killer, { seed: SEED, traits });
        for (const line of fateLines(fates)) test.diagnostic(line);
      });
    });
  }
}
