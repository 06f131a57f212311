/** JSON as data. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The one spelling of a JSON value that is hashed and signed: keys in code-unit order, no white space (RFC 8785's rules for
 * what JSON.stringify already prints the ECMAScript way). Members whose value is `undefined` are left out.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  // Every event is spelt when it is appended and again whenever it is read, so this makes as few lists as it can.
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record);
  if (!areInOrder(keys)) keys.sort();
  let members = '';
  for (const key of keys) {
    const member = record[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

function areInOrder(keys: readonly string[]): boolean {
  let before = '';
  for (const key of keys) {
    if (key < before) return false;
    before = key;
  }
  return true;
}

/** Whether two values are the same data, whatever the order of their members. */
export function sameData(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}
