import type { z } from 'zod';
import type { DeedName } from '../../core/policy/authority.ts';
import type { ProblemCode } from './problem.ts';

/** One thing the HTTP API does, as data: the server's routes, the OpenAPI document and typed clients are all made from it. */
export interface Operation {
  /** `operationId` of the OpenAPI document. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Parameters as in `/v1/rollouts/:id`. */
  readonly path: `/${string}`;
  readonly tag: string;
  readonly summary: string;
  /** What calling it is, by the one table of who may do what; `anyone` needs no token. Where viewers may, everyone may on a server with anonymous viewers. */
  readonly access: 'anyone' | DeedName;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Media types of the body besides `application/json`, each sent as text. */
  readonly textBodies?: readonly string[];
  /** Media types of bodies that the route reads itself, as bytes, be they packed or not; none of the others is read then. */
  readonly rawBodies?: readonly string[];
  /** Most bytes of a body; 64 KiB when left out. */
  readonly bodyLimit?: number;
  /** By status. */
  readonly answers: Readonly<Record<number, OperationAnswer>>;
  /** What may go wrong besides what may go wrong with every operation (see `commonProblems`). */
  readonly problems: readonly ProblemCode[];
}

export interface OperationAnswer {
  readonly says: string;
  /** `null`: no body. */
  readonly schema: z.ZodType | null;
  /** `application/json` when left out. */
  readonly mediaType?: string;
}

/** Keeps the exact types of an operation, which handlers and clients are typed from. */
export function operation<const O extends Operation>(declared: O): O {
  return declared;
}

export const READ = 'read' satisfies DeedName;

export const BODY_LIMIT = 64 * 1024;

/** Problems that an operation may always answer with, by its shape. */
export function commonProblems(declared: Operation): readonly ProblemCode[] {
  const codes: ProblemCode[] = ['host-not-allowed', 'invalid-request', 'internal'];
  if (declared.method !== 'GET') codes.push('unsupported-media-type', 'body-too-large');
  if (declared.access !== 'anyone') codes.push('unauthenticated', 'forbidden');
  return codes;
}

/** What the record may say to whoever reads or writes it. */
export const STORE_PROBLEMS = [
  'store-locked',
  'store-disk-full',
  'store-corrupt',
  'store-newer',
  'store-unavailable',
] as const satisfies readonly ProblemCode[];
