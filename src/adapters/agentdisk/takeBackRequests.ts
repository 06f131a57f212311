import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Content } from '../../core/agent/slot.ts';
import { isDigest } from '../../core/kernel/digest.ts';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';
import type { TakeBackRequest, TakeBackRequests, TakenBackSlot } from '../../engine/ports/takeBackRequests.ts';
import { readWhole, sealed, unsealed, writeWhole } from './wholeFile.ts';

const content = z
  .custom<Content>((value) => typeof value === 'string' && (value === 'absent' || isDigest(value)))
  .nullable();

const request = z.strictObject({
  id: z.string().min(1),
  slot: z.string().nullable(),
  to: content.default(null),
  says: z.string(),
});
const answer = z.strictObject({
  id: z.string(),
  slots: z.array(
    z.strictObject({
      slot: z.string(),
      outcome: z.enum(['back', 'nothing-older', 'not-proven-here', 'stuck']),
      holds: content,
      verifiedBy: z.string(),
      says: z.string(),
    }),
  ),
});

/** The agent's side: a request is a file beside its lock, which only its own user can write; the answer is another one. */
export function takeBackRequests(directory: string): TakeBackRequests {
  const paths = requestPaths(directory);
  return {
    next: () => read(paths.request, request),
    async answer(id, slots) {
      // In this order: a request that is still there after a kill is carried out again, which changes nothing.
      await writeWhole(paths.answer, sealed(JSON.stringify({ id, slots })));
      await rm(paths.request, { force: true });
    },
  };
}

/** The person's side. */
export async function askTakeBack(directory: string, asked: TakeBackRequest): Promise<void> {
  await writeWhole(requestPaths(directory).request, sealed(JSON.stringify(asked)));
}

/** `null` until it is answered. */
export async function takeBackAnswer(directory: string, id: string): Promise<readonly TakenBackSlot[] | null> {
  const found = await read(requestPaths(directory).answer, answer);
  return found?.id === id ? found.slots : null;
}

export async function withdrawTakeBack(directory: string): Promise<void> {
  await rm(requestPaths(directory).request, { force: true });
}

function requestPaths(directory: string): { readonly request: string; readonly answer: string } {
  return { request: join(directory, 'revert.request'), answer: join(directory, 'revert.answer') };
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  const bytes = await readWhole(path);
  if (bytes === null) return null;
  const found = schema.safeParse(JSON.parse(unsealed(path, bytes)));
  if (found.success) return found.data;
  throw new AgentDiskError('corrupt', `${path} is not what this version writes: remove it and ask again`);
}
