import { storeContract } from '../../src/adapters/store/storeContract.ts';
import { SimDatabase } from './simDatabase.ts';
import { SimStore } from './simStore.ts';

storeContract('the simulator', () => {
  const database = new SimDatabase();
  const indexOf = (position: number) => database.rows.findIndex((row) => row.position === position);
  const rewrite = (position: number, more: { body?: string; hash?: string }) => {
    const index = indexOf(position);
    const row = database.rows[index];
    if (row !== undefined) database.rows[index] = { ...row, ...more };
  };
  const performed = <T>(work: () => T): Promise<T> =>
    new Promise((resolve, reject) =>
      setImmediate(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      }),
    );
  return {
    open: async () => new SimStore(database, performed),
    tamper: {
      replaceEventBody: (position, body) => rewrite(position, { body }),
      replaceEventHash: (position, hash) => rewrite(position, { hash }),
      addEvent: (position, body, hash) => database.rows.push({ position, body, hash }),
      removeEvent: (position) => void database.rows.splice(indexOf(position), 1),
      replaceArtifact: (digest, bytes) => void database.artifacts.set(digest, bytes),
    },
    dispose: () => {},
  };
});
