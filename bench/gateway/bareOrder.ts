export type BareOrder =
  | { readonly order: 'start'; readonly tls: { readonly cert: string; readonly key: string } | null }
  | { readonly order: 'broadcast' }
  | { readonly order: 'memory' };

export type BareWord =
  | { readonly word: 'listens'; readonly port: number }
  /** Everyone has acknowledged, so long after the broadcast began. */
  | { readonly word: 'acked'; readonly ms: number }
  | { readonly word: 'memory'; readonly bytes: number; readonly sockets: number };
