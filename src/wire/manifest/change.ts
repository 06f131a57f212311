import type { SlotName } from '../../core/topology/service.ts';

/** A change as its author wrote it. Who applies it inlines the files' bytes and the server adds digests and the author. */
export interface ChangeManifest {
  readonly name: string;
  readonly service: string;
  /** Empty when left out: every role that has one of the slots. */
  readonly roles: readonly string[];
  readonly reason: string;
  readonly slots: Readonly<Record<SlotName, SlotContent>>;
}

export type SlotContent =
  /** A path, relative to the folder of the manifest's file. Never accepted from the network. */
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly base64: string };
