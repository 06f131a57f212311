import { useFacts } from '../console.ts';

/** Who did something: the person, where the record has the id of a token. */
export function Actor({ of }: { readonly of: string }) {
  const person = useFacts(({ people }) => (of.startsWith('token:') ? people[of.slice('token:'.length)] : undefined));
  return <span title={of}>{person ?? of}</span>;
}
