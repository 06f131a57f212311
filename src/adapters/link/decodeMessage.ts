import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { boundedDecode } from '../../wire/opamp/boundedDecode.ts';
import { FIELD_LIMITS } from './fieldLimits.ts';
import { type Malformed, MalformedError } from './malformed.ts';

/** Decodes one of our messages; `read` may throw a `MalformedError`. Whatever the bytes: it returns. */
export function decodeMessage<Desc extends DescMessage, Value>(
  schema: Desc,
  bytes: Uint8Array,
  read: (message: MessageShape<Desc>) => Value,
): Result<Value, Malformed> {
  const message = boundedDecode(schema, bytes, FIELD_LIMITS.records);
  if (!message.ok) return err({ at: '', says: message.error });
  try {
    return ok(read(message.value));
  } catch (error) {
    if (error instanceof MalformedError) return err(error.malformed);
    throw error;
  }
}
