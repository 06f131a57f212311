import type { EventBody } from '../../wire/http/log.ts';
import { toInstant } from '../../wire/http/schema.ts';
import type { StoredEvent } from '../../wire/storedEvent.ts';
import type { Sent } from './route.ts';

export function toEvent({ position, stream, type, at, actor, data, previousHash, hash }: StoredEvent): Sent<EventBody> {
  return { position, stream, type, at: toInstant(at), actor, data, previousHash, hash };
}
