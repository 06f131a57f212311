/** Whether an `If-None-Match` header names this tag: the client has what we would send. */
export function isNamedBy(tag: string, ifNoneMatch: string | undefined): boolean {
  const names = ifNoneMatch?.split(',').map((name) => name.trim().replace(/^W\//, '')) ?? [];
  return names.includes('*') || names.includes(tag);
}
