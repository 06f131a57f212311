/** Names are compared as people read them: `Ann` and ` ann` are one person. */
export function isSamePerson(a: string, b: string): boolean {
  return personKey(a) === personKey(b);
}

export function personKey(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}
