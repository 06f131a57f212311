import type { ShopConfig } from './shopConfig.ts';
import type { Supplier } from './supplier.ts';

export const SHOP_ROLES = ['web', 'api'] as const;
export type ShopRole = (typeof SHOP_ROLES)[number];

export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

export interface Route {
  readonly path: string;
  /** The codes it can answer with. */
  readonly codes: readonly number[];
  answer(url: URL, config: ShopConfig): Answer | Promise<Answer>;
}

/** What customers can ask of a role. `web` never asks the supplier, so it does not matter to `web` how long one waits for it. */
export function routesOf(role: ShopRole, supplier: Supplier): readonly Route[] {
  return role === 'web' ? [HOME, SEARCH] : [priceRoute(supplier), STOCK];
}

const PRODUCTS = ['lamp', 'chair', 'table', 'shelf', 'rug', 'clock', 'vase', 'mirror'].flatMap((noun, row) =>
  ['oak', 'steel', 'linen', 'glass', 'cork', 'walnut', 'stone', 'wool'].map((stuff, column) => ({
    sku: row * 8 + column,
    name: `${stuff} ${noun}`,
  })),
);

const HOME: Route = {
  path: '/',
  codes: [200, 500],
  answer: (_url, config) => ({
    code: 200,
    body: { shop: 'open', products: PRODUCTS.length, currency: config.currency },
  }),
};

const SEARCH: Route = {
  path: '/search',
  codes: [200, 500],
  answer(url, config) {
    const words = url.searchParams.get('q') ?? '';
    const found = PRODUCTS.filter((product) => product.name.includes(words));
    return { code: 200, body: { found: found.length, products: found.slice(0, config.resultsPerPage) } };
  },
};

const STOCK: Route = {
  path: '/stock',
  codes: [200, 404, 500],
  answer(url) {
    const product = productOf(url);
    return product === undefined
      ? NO_SUCH_PRODUCT
      : { code: 200, body: { ...product, inStock: (product.sku * 31) % 17 } };
  },
};

function priceRoute(supplier: Supplier): Route {
  return {
    path: '/price',
    codes: [200, 404, 500, 503],
    async answer(url, config) {
      const product = productOf(url);
      if (product === undefined) return NO_SUCH_PRODUCT;
      const cents = await supplier.price(product.sku, config.supplierTimeoutMs);
      if (cents === null) {
        return { code: 503, body: { error: `the supplier did not answer within ${config.supplierTimeoutMs} ms` } };
      }
      return { code: 200, body: { ...product, cents, currency: config.currency } };
    },
  };
}

const NO_SUCH_PRODUCT: Answer = { code: 404, body: { error: 'no such product' } };

function productOf(url: URL): (typeof PRODUCTS)[number] | undefined {
  return PRODUCTS[Number(url.searchParams.get('sku'))];
}
