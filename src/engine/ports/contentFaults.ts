/**
 * What is wrong with the content of a slot of this kind of change, a sentence each; none: nothing, or nobody can tell before it is
 * applied. Asked before anything is registered (law 16). Synchronous, bounded, never throws.
 */
export type ContentFaults = (kind: string, bytes: Uint8Array) => readonly string[];
