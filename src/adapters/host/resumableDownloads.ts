import { type FileHandle, open } from 'node:fs/promises';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { formatDuration } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { DownloadRequest, Downloads } from '../../engine/ports/downloads.ts';

/** A download ends when nothing has come for so long; how long it takes as a whole is the size's affair. */
const STALLED_MS = 30_000;

export interface ControlPlanePackages {
  /** `https://ringfence.example`; nothing after it. */
  readonly origin: string;
  /** Only ever sent there. */
  readonly token: string;
}

/** Downloads over HTTP that go on where they stopped (`Range`), also after the agent was killed. Redirects are not followed. */
export function resumableDownloads(clock: Clock, controlPlane: ControlPlanePackages | null): Downloads {
  return {
    async fetch(request) {
      const { from } = request;
      if ('url' in from) return download(clock, from.url, {}, request);
      if (controlPlane === null) return err('it lies at the control plane, which this agent does not know');
      const url = `${controlPlane.origin}/v1/packages/sha256:${from.sha256}`;
      return download(clock, url, { authorization: `Bearer ${controlPlane.token}` }, request);
    },
  };
}

async function download(
  clock: Clock,
  url: string,
  headers: Readonly<Record<string, string>>,
  { file, size, signal }: DownloadRequest,
): Promise<Result<void, string>> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file, 'a+', 0o600);
    let have = (await handle.stat()).size;
    // What is longer than the whole was never a beginning of it.
    if (have > size) {
      await handle.truncate(0);
      have = 0;
    }
    if (have < size) {
      const said = await receive(clock, url, { ...headers, ...(have > 0 && { range: `bytes=${have}-` }) }, signal, {
        have,
        size,
        handle,
      });
      if (!said.ok) return said;
    }
    await handle.sync();
    return ok(undefined);
  } catch (error) {
    return err(`GET ${url}: ${(error as Error).message}`);
  } finally {
    await handle?.close();
  }
}

interface Part {
  readonly have: number;
  readonly size: number;
  readonly handle: FileHandle;
}

async function receive(
  clock: Clock,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  { have, size, handle }: Part,
): Promise<Result<void, string>> {
  const fail = (says: string) => err(`GET ${url}: ${says}`);
  const ended = new AbortController();
  let why = '';
  const end = (says: string) => {
    why ||= says;
    ended.abort();
  };
  const unwanted = () => end('not wanted any more');
  signal.addEventListener('abort', unwanted, { once: true });
  if (signal.aborted) unwanted();
  let cancel = () => {};
  const moved = () => {
    cancel();
    cancel = clock.after(STALLED_MS, () => end(`nothing came for ${formatDuration(STALLED_MS)}`));
  };
  try {
    moved();
    const answer = await answerTo(url, headers, ended.signal);
    const { statusCode = 0 } = answer;
    const continues = statusCode === 206 && answer.headers['content-range']?.startsWith(`bytes ${have}-`) === true;
    if (statusCode !== 200 && !continues) {
      answer.destroy();
      // What is there cannot be gone on from: the next attempt begins anew.
      if (statusCode === 416 || statusCode === 206) await handle.truncate(0);
      return fail(`the answer is ${statusCode}, expected 200${have > 0 ? ' or 206' : ''}`);
    }
    let at = continues ? have : 0;
    if (!continues) await handle.truncate(0);
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      moved();
      at += chunk.length;
      if (at > size) {
        answer.destroy();
        await handle.truncate(0);
        return fail(`there are more than the ${size} bytes it should have`);
      }
      await handle.appendFile(chunk);
    }
    return at === size ? ok(undefined) : fail(`it broke off after ${at} of ${size} bytes`);
  } catch (error) {
    return fail(why || (error as Error).message || String((error as NodeJS.ErrnoException).code));
  } finally {
    cancel();
    signal.removeEventListener('abort', unwanted);
  }
}

function answerTo(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const send = url.startsWith('https:') ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const options = { headers: { 'user-agent': 'ringfence-agent', ...headers }, agent: false, signal } as const;
    const outgoing = send(url, options, resolve);
    outgoing.on('error', reject);
    outgoing.end();
  });
}
