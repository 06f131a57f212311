import type { Store } from '../../src/engine/ports/store.ts';

/** A store, and a way to wait until it has answered everything it was asked: for tests that own the clock. */
export function trackedStore(store: Store): { readonly store: Store; readonly idle: () => Promise<void> } {
  let pending = 0;
  const tracked = new Proxy(store, {
    get(target, name, receiver) {
      const member = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        pending++;
        try {
          return await member.apply(target, args);
        } finally {
          pending--;
        }
      };
    },
  });
  const idle = async () => {
    // Whoever was answered may ask again a turn later.
    for (let quiet = 0; quiet < 5; quiet = pending === 0 ? quiet + 1 : 0)
      await new Promise((resolve) => setImmediate(resolve));
  };
  return { store: tracked, idle };
}
