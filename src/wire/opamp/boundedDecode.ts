import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { err, ok, type Result } from '../../core/kernel/result.ts';

/**
 * Decodes a protobuf message from somebody we do not trust. Never throws: bytes that are no such message give what is wrong.
 *
 * A limit on bytes alone does not bound memory: two bytes make an empty sub-message, which is an object of some hundred. So
 * the records (every field present, at every depth) are counted first, which keeps nothing. Unknown fields are dropped.
 */
export function boundedDecode<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  maxRecords: number,
): Result<MessageShape<Desc>, string> {
  try {
    const records = countRecords(fieldsOf(schema), new BinaryReader(bytes), bytes.length, maxRecords, 0);
    if (records > maxRecords) return err(`not a ${schema.name}: it has more than ${maxRecords} fields`);
    return ok(fromBinary(schema, bytes, { readUnknownFields: false }));
  } catch (error) {
    // The runtime throws for every malformation it finds, a string that is not UTF-8 among them.
    return err(`not a ${schema.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const MAX_DEPTH = 64;

/** What the field of this number holds, if it holds messages. */
type Fields = (fieldNumber: number) => Fields | undefined;

/** Of every kind of message that was ever decoded: there are few, and a field is looked up for every record. */
const FIELDS = new WeakMap<DescMessage, Fields>();

function fieldsOf(schema: DescMessage): Fields {
  const known = FIELDS.get(schema);
  if (known !== undefined) return known;
  const nested = new Map<number, () => Fields>();
  for (const { number, fieldKind, message } of schema.fields) {
    if (message === undefined) continue;
    // On the wire a map is a repeated message: key 1, value 2.
    const inEntry: Fields = (entryNumber) => (entryNumber === 2 ? fieldsOf(message) : undefined);
    nested.set(number, fieldKind === 'map' ? () => inEntry : () => fieldsOf(message));
  }
  const fields: Fields = (fieldNumber) => nested.get(fieldNumber)?.();
  FIELDS.set(schema, fields);
  return fields;
}

/** Counts up to a little over `max`. Throws on what cannot be read. */
function countRecords(fields: Fields, reader: BinaryReader, end: number, max: number, depth: number): number {
  if (depth > MAX_DEPTH) throw new Error(`messages are nested more than ${MAX_DEPTH} deep`);
  let records = 0;
  while (reader.pos < end && records <= max) {
    const [fieldNumber, wireType] = reader.tag();
    records++;
    const nested = wireType === WireType.LengthDelimited ? fields(fieldNumber) : undefined;
    if (nested === undefined) {
      reader.skip(wireType, fieldNumber);
      continue;
    }
    const length = reader.uint32();
    if (length > end - reader.pos) throw new RangeError('premature EOF');
    records += countRecords(nested, reader, reader.pos + length, max - records, depth + 1);
  }
  return records;
}
