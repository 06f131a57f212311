import { useEffect, useRef } from 'react';

export interface KeyBinding {
  /** As `KeyboardEvent.key` has it; two, with a space between, are pressed after each other. */
  readonly keys: string;
  readonly says: string;
  /** Under which heading of the help it stands. */
  readonly group: string;
  readonly action: () => void;
}

const bindings = new Set<readonly KeyBinding[]>();
/** How long the first key of two waits for the second. */
const SEQUENCE_MS = 1500;
let first: { readonly key: string; readonly at: number } | null = null;

/** What may be pressed now, in the order in which views were drawn. */
export function keysInForce(): readonly KeyBinding[] {
  return [...bindings].flat();
}

/** Lets keys do something as long as the view is drawn. */
export function useKeys(own: readonly KeyBinding[]): void {
  const newest = useRef(own);
  newest.current = own;
  const described = own.map(({ keys, says, group }) => `${keys}\n${says}\n${group}`).join('\n\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the actions are read when they are asked for; only new words are a new list.
  useEffect(() => {
    const list = newest.current.map((one, index) => ({ ...one, action: () => newest.current[index]?.action() }));
    bindings.add(list);
    return () => {
      bindings.delete(list);
    };
  }, [described]);
}

/** Carries out what a pressed key stands for. Typing in a field, and a dialog that is open, keep their keys to themselves. */
export function handleKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  if (document.querySelector('dialog[open]') !== null) return;
  const sequence = first !== null && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${event.key}` : null;
  first = null;
  const all = keysInForce().toReversed();
  const meant = all.find(({ keys }) => keys === sequence) ?? all.find(({ keys }) => keys === event.key);
  if (meant !== undefined) {
    event.preventDefault();
    meant.action();
  } else if (all.some(({ keys }) => keys.startsWith(`${event.key} `))) {
    first = { key: event.key, at: event.timeStamp };
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}
