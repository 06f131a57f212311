/**
 * The kinds of change this version knows: what may stand before the slash of a slot's name. Whoever handles changes by kind
 * (drivers, preparers) keeps a `Record<ChangeKind, …>`, so that a new name here does not compile until everyone handles it.
 */
export const CHANGE_KINDS = {
  config: 'a configuration file, replaced as a whole',
} as const satisfies Readonly<Record<string, string>>;

export type ChangeKind = keyof typeof CHANGE_KINDS;

export function isChangeKind(text: string): text is ChangeKind {
  return Object.hasOwn(CHANGE_KINDS, text);
}
