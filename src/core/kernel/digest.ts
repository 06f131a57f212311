/** The name of some bytes by their SHA-256: `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}`;

export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** `sha256:1f0c…` as people see it: twelve digits. */
export function shortDigest(digest: Digest | null): string {
  return digest === null ? 'baseline' : digest.slice(7, 19);
}
