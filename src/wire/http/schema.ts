import { z } from 'zod';
import type { Instant } from '../../core/kernel/instant.ts';

/** Every shape of the HTTP API by its name in the OpenAPI document. */
export const httpSchemas = z.registry<{ id: string }>();

/** Gives a shape its name in the OpenAPI document. */
export function named<T extends z.ZodType>(id: string, schema: T): T {
  httpSchemas.add(schema, { id });
  return schema;
}

/** A moment in UTC with milliseconds: `2026-03-01T12:00:00.000Z`. */
export const instant = z.iso.datetime({ precision: 3 });

export function toInstant(at: Instant): string {
  return new Date(at).toISOString();
}

export const digest = z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)]);

export const count = z.int().nonnegative();
export const durationMs = z.int().nonnegative().describe('milliseconds');

export const nameParams = z.strictObject({ name: z.string().max(256) });
export const idParams = z.strictObject({ id: z.string().max(256) });
export const digestParams = z.strictObject({ digest });

/** One page of a list. `next` is what to pass as `cursor` for the page after it; `null` on the last page. */
export function pageOf<T extends z.ZodType>(id: string, item: T) {
  return named(id, z.object({ items: z.array(item), next: z.string().nullable() }));
}

export const PAGE_LIMIT = 100;
export const PAGE_LIMIT_MOST = 1000;

/** Query of every list. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MOST).default(PAGE_LIMIT).describe('items on one page'),
  cursor: z.string().max(512).optional().describe('`next` of the page before'),
});
