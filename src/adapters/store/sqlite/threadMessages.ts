import { StoreError, type StoreFault } from '../../../engine/ports/store.ts';
import type { DatabaseOptions } from './openDatabase.ts';
import type { StoreSession } from './storeSession.ts';

/** What goes between the caller's thread and the store's. Every call gets exactly one answer, in the order of the calls. */

export interface ThreadData {
  readonly directory: string;
  readonly options: DatabaseOptions;
}

export type CallName = keyof StoreSession;

export type Call = {
  readonly [N in CallName]: { readonly id: number; readonly name: N; readonly args: Parameters<StoreSession[N]> };
}[CallName];

/** `close` is the last request; its answer is the thread's end. */
export type Request = Call | 'close';

/** Opening is answered as call 0, with nothing. */
export const OPENING = 0;

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** An error as data: a class does not survive the way between threads. `fault` is `null` for a bug of ours or of the caller's. */
export interface Failure {
  readonly fault: StoreFault | null;
  readonly message: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof StoreError) return { fault: error.fault, message: error.message };
  return { fault: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function errorOf({ fault, message }: Failure): Error {
  return fault === null ? new Error(message) : new StoreError(fault, message);
}
