import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src/core/kernel/canonicalJson.ts';
import { EMPTY_WORLD, evolveWorld } from '../../src/core/record/evolveWorld.ts';
import type { World } from '../../src/core/record/world.ts';
import { fromStored } from '../../src/wire/recordedEvent.ts';
import type { StoredEvent } from '../../src/wire/storedEvent.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** Law 19: what was acknowledged is on the disk, unchanged, in an unbroken chain; and replayed one by one it is the world the server has. */
export function law19(truth: Truth): Judge {
  const acknowledged = new Map<number, string>();
  const inOrder = () => truth.scene.database.rows;
  return {
    take: (fact) => {
      if (fact.kind !== 'acknowledged') return null;
      for (const { position, hash } of fact.events) {
        acknowledged.set(position, hash);
        if (inOrder()[position - 1]?.hash !== hash)
          return `event ${position} was acknowledged, and the disk does not hold it as it was`;
      }
      return null;
    },
    end: () => {
      let previous = '0'.repeat(64);
      for (const { position, body, hash } of inOrder()) {
        const computed = createHash('sha256')
          .update(previous + body)
          .digest('hex');
        if (computed !== hash) return `the chain is broken at event ${position}`;
        previous = hash;
      }
      for (const [position, hash] of acknowledged)
        if (inOrder()[position - 1]?.hash !== hash) return `event ${position}, acknowledged once, is not on the disk`;
      const served = truth.scene.plane?.world();
      if (served === undefined || served.position !== inOrder().length) return null;
      let replayed = EMPTY_WORLD;
      for (const row of inOrder())
        replayed = evolveWorld(replayed, [
          fromStored({ ...JSON.parse(row.body), previousHash: '', hash: row.hash } as StoredEvent),
        ]);
      const [was, is] = [spelt(served), spelt(replayed)];
      const differs = Object.keys(was).find((name) => was[name] !== is[name]);
      return differs === undefined
        ? null
        : `the log replays to another world than the one that is served: ${differs} differ`;
    },
  };
}

function spelt(world: World): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(world).map(([name, value]) => [name, canonicalJson(value instanceof Map ? [...value] : value)]),
  );
}
