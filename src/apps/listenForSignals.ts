const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
export type EndSignal = keyof typeof SIGNALS;

export interface Ending {
  /** Resolves with the first signal that asks this process to end. */
  readonly signal: Promise<EndSignal>;
  /** Signals mean again what they mean without us. */
  stop(): void;
}

/** Waits for a signal to end in order. A second one ends the process at once: nothing that was acknowledged depends on an orderly end. */
export function listenForSignals(stderr: { write(text: string): unknown }): Ending {
  const { promise, resolve: first } = Promise.withResolvers<EndSignal>();
  let seen = false;
  const listener = (signal: EndSignal) => {
    if (seen) {
      stderr.write(`ringfence: ${signal} again, ended at once\n`);
      process.exit(128 + SIGNALS[signal]);
    }
    seen = true;
    first(signal);
  };
  const names = Object.keys(SIGNALS) as EndSignal[];
  for (const name of names) process.on(name, listener);
  return {
    signal: promise,
    stop() {
      for (const name of names) process.off(name, listener);
    },
  };
}
