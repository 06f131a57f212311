import type { FailureCode } from '../../core/agent/failureCode.ts';
import { assert } from '../../core/kernel/assert.ts';
import { DriverError, type Revision } from '../../engine/ports/driver.ts';
import { FileError } from './fileError.ts';

export function bytesOf({ content, bytes }: Revision): Uint8Array {
  assert(bytes !== null, `${content} comes with its bytes`);
  return bytes;
}

/** Gives what the disk says the name it has for an agent. */
export async function named<T>(code: FailureCode, touched: boolean, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof FileError) {
      // On the way back, that there is no room is one more reason why it is not back.
      const full = error.fault === 'disk-full' && code !== 'revert-failed';
      throw new DriverError(full ? 'disk-full' : code, error.message, touched, { cause: error });
    }
    if (error instanceof Error && error.name === 'AbortError')
      throw new DriverError(code, 'not wanted any more', touched);
    throw error;
  }
}
