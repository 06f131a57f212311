import { HttpProblem } from './httpProblem.ts';

interface List<Item, Body> {
  /** The whole list in its order, kept in memory. */
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  readonly accepts: (item: Item) => boolean;
  readonly toBody: (item: Item) => Body;
}

/**
 * One page of a list. The cursor is the key of the page's last item and is looked up among all items, so pages neither repeat
 * nor skip anything when items are added, or stop being accepted, between them.
 */
export function takePage<Item, Body>(
  { items, keyOf, accepts, toBody }: List<Item, Body>,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): { readonly items: readonly Body[]; readonly next: string | null } {
  const last = cursor === undefined ? -1 : items.findIndex((item) => keyOf(item) === cursor);
  if (cursor !== undefined && last === -1) {
    throw new HttpProblem('invalid-request', `query.cursor: "${cursor}" is not the cursor of a page of this list`, {
      remedy: 'begin again without a cursor',
    });
  }
  const page: Item[] = [];
  for (const item of items.slice(last + 1)) {
    if (!accepts(item)) continue;
    const end = page.at(-1);
    if (page.length === limit && end !== undefined) return { items: page.map(toBody), next: keyOf(end) };
    page.push(item);
  }
  return { items: page.map(toBody), next: null };
}

export const everything = () => true;
