import { useFacts } from '../console.ts';

/** A sentence of the server's, with people in the place of their tokens. */
export function Says({ text }: { readonly text: string }) {
  const people = useFacts((facts) => facts.people);
  return text.replace(/\btoken:([0-9a-f]+)\b/g, (whole, id: string) => people[id] ?? whole);
}
