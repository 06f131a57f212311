/** Ends the program's present step when something that must hold does not: a bug of ours, never somebody's bad input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

/** Makes the compiler prove that a switch handles every case. */
export function unreachable(value: never, what: string): never {
  throw new Error(`invariant broken: ${what} has no case for ${JSON.stringify(value)}`);
}
