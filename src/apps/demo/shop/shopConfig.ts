import { createHash } from 'node:crypto';

/** What the shop can be told. Read from a JSON file at start and again on SIGHUP; members it does not know are refused. */
export interface ShopConfig {
  /** Three letters, e.g. `EUR`: only printed. */
  readonly currency: string;
  /** How many products `/search` shows at most. */
  readonly resultsPerPage: number;
  /** How long `/price` waits for the supplier before it answers 503. */
  readonly supplierTimeoutMs: number;
}

export interface LoadedConfig {
  readonly config: ShopConfig;
  /** The SHA-256, hexadecimal, of exactly the bytes that were read. */
  readonly digest: string;
}

/** Throws an `Error` that says which member is wrong, what was found and what was expected. */
export function loadShopConfig(bytes: Uint8Array): LoadedConfig {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('expected a JSON object');
  const { currency, resultsPerPage, supplierTimeoutMs, ...rest } = value as Record<string, unknown>;
  const [unknownMember] = Object.keys(rest);
  if (unknownMember !== undefined) throw new Error(`there is no member "${unknownMember}"`);
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    throw new Error(`currency: expected three capital letters, found ${JSON.stringify(currency)}`);
  }
  return {
    config: {
      currency,
      resultsPerPage: wholeNumber('resultsPerPage', resultsPerPage, 1, 100),
      supplierTimeoutMs: wholeNumber('supplierTimeoutMs', supplierTimeoutMs, 1, 60_000),
    },
    digest: createHash('sha256').update(bytes).digest('hex'),
  };
}

function wholeNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${name}: expected a whole number from ${least} to ${most}, found ${JSON.stringify(value)}`);
}
