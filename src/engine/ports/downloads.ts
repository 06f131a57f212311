import type { Result } from '../../core/kernel/result.ts';

/** How an agent fetches what is too large to be sent to it. */
export interface Downloads {
  /**
   * Brings a file of this size to `file`, going on after what is there of it already. What is there afterwards is not checked: its digest
   * is the caller's to see to. The error is a sentence, and trying again may help. Nothing here rejects.
   */
  fetch(request: DownloadRequest): Promise<Result<void, string>>;
}

export interface DownloadRequest {
  /** A URL, or, by the SHA-256 in hexadecimal, a package of the control plane's. */
  readonly from: { readonly url: string } | { readonly sha256: string };
  readonly file: string;
  /** In bytes. More is never written. */
  readonly size: number;
  readonly signal: AbortSignal;
}
