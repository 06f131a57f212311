import type { Type } from './ruleLanguage.ts';

/** A text of which the values are known is a text. */
export function widened(type: Type): Type {
  return typeof type === 'object' && 'words' in type ? 'string' : type;
}

export function sameType(a: Type, b: Type): boolean {
  const [left, right] = [widened(a), widened(b)];
  if (typeof left === 'string' || typeof right === 'string') return left === right;
  if ('list' in left && 'list' in right) return sameType(left.list, right.list);
  return 'fields' in left && 'fields' in right && left.fields === right.fields;
}
