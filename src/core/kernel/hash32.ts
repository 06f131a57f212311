/**
 * 32 bits that depend on every letter of a text: FNV-1a, then MurmurHash3's 32-bit finaliser to spread its last bytes. The same for
 * ever: agents and servers of different versions cut waves by it. Not a cryptographic hash: it guards nothing.
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
