import type { FastifyInstance } from 'fastify';
import type { Signed } from '../../../core/policy/signed.ts';
import type { Checkpoint } from '../../../core/record/checkpoint.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { type CheckpointBody, getCheckpoint, readLog, signCheckpoint, verifyLog } from '../../../wire/http/log.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { toEvent } from '../eventBody.ts';
import { HttpProblem } from '../httpProblem.ts';
import { type Sent, serve } from '../route.ts';

export function logRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, readLog, async ({ query }) => {
    const events = await controlPlane.log(query.after, query.limit);
    return { items: events.map(toEvent), head: Math.max(controlPlane.world().position, events.at(-1)?.position ?? 0) };
  });
  serve(app, verifyLog, async ({ query: { position, hash } }) => {
    const given = position === undefined || hash === undefined ? undefined : { position, hash };
    const found = await controlPlane.verifyLog(given);
    if (found.outcome === 'broken') return found;
    if (found.signed === null) return { ...found, signed: null };
    const { kind: _, at, ...signed } = found.signed;
    return { ...found, signed: { ...signed, at: toInstant(at) } };
  });
  const toCheckpoint = (signed: Signed<Checkpoint> | null): Sent<CheckpointBody> => {
    const publicKey = signed === null ? undefined : controlPlane.world().keys.get(signed.key)?.publicKey;
    if (signed === null || publicKey === undefined)
      throw new HttpProblem('no-checkpoint', 'no part of the record is signed', {
        remedy: 'ringfence log verify says why, if something is wrong; else it is signed soon',
      });
    return { ...signed, publicKey };
  };
  serve(app, getCheckpoint, () => toCheckpoint(controlPlane.world().checkpoint));
  serve(app, signCheckpoint, async () => toCheckpoint(await controlPlane.signCheckpoint()));
}
