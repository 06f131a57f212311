/** One server-sent event. */
export interface LiveEvent {
  readonly type: string;
  readonly data: string;
}

/**
 * Reads server-sent events from a response until it ends. (`EventSource` hides the comments that show that a connection lives.) Calls `heard` for everything that
 * arrives, comments too, and gives up with `false` when nothing came for `silenceMs`.
 *
 * @returns whether the server ended the stream by itself.
 */
export async function readLiveStream(
  body: ReadableStream<Uint8Array>,
  silenceMs: number,
  heard: () => void,
  received: (event: LiveEvent) => void,
): Promise<boolean> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let silent = false;
  const giveUp = () => {
    silent = true;
    void reader.cancel();
  };
  let timer = setTimeout(giveUp, silenceMs);
  let rest = '';
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, silenceMs);
      heard();
      const blocks = (rest + chunk.value).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const event = parseBlock(block);
        if (event !== null) received(event);
      }
    }
    return !silent;
  } finally {
    clearTimeout(timer);
    void reader.cancel().catch(() => undefined);
  }
}

/** The lines of one event; `null` when they carry no data (a comment, a `retry`). */
function parseBlock(block: string): LiveEvent | null {
  let type = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') type = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? null : { type, data: data.join('\n') };
}
