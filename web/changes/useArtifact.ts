import { useEffect, useState } from 'react';
import { useConsole } from '../console.ts';
import { formatCount } from '../words.ts';

export type ArtifactText =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'text'; readonly text: string }
  /** It is there, and not to be read by people. */
  | { readonly kind: 'opaque'; readonly says: string };

const MOST_BYTES = 1024 * 1024;

/** The bytes of an artifact as text, if they are that; nothing of `null`. */
export function useArtifact(digest: string | null): ArtifactText {
  const { client } = useConsole();
  const [found, setFound] = useState<ArtifactText>({ kind: 'waiting' });
  useEffect(() => {
    if (digest === null) return setFound({ kind: 'text', text: '' });
    const leaving = new AbortController();
    client
      .open(`/v1/artifacts/${digest}`, leaving.signal)
      .then((response) => response.arrayBuffer())
      .then(
        (bytes) => setFound(readText(bytes)),
        (error: unknown) => {
          if (!leaving.signal.aborted) setFound({ kind: 'opaque', says: `It could not be read: ${String(error)}` });
        },
      );
    return () => leaving.abort();
  }, [client, digest]);
  return found;
}

function readText(bytes: ArrayBuffer): ArtifactText {
  const size = `${formatCount(bytes.byteLength)} bytes`;
  if (bytes.byteLength > MOST_BYTES)
    return { kind: 'opaque', says: `${size}: too much to compare here; ringfence get changes has the digests.` };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\u0000')) return { kind: 'text', text: pretty(text) };
  } catch {
    // Not text; said below.
  }
  return { kind: 'opaque', says: `${size} that are no text: only the digests can be compared.` };
}

/** One line of JSON says little: it is laid out before it is compared. */
function pretty(text: string): string {
  if (!/^\s*[[{]/.test(text) || text.trim().includes('\n')) return text;
  try {
    return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
  } catch {
    return text;
  }
}
