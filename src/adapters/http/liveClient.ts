/** An event as it is sent. */
export interface LiveBlock {
  readonly position: number;
  readonly text: string;
}

/** What a stream is written to: an HTTP response. */
export interface LiveOutput {
  write(text: string): boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  readonly writableNeedDrain: boolean;
  readonly destroyed: boolean;
}

interface LiveClientOptions {
  readonly output: LiveOutput;
  /** The first event sent is the one after this position. */
  readonly after: number;
  readonly tokenId: string | null;
  readonly heartbeatMs: number;
  readonly eventsAfter: (position: number) => Promise<readonly LiveBlock[]>;
  /** The next of what it has not heard of the fleet, as JSON; `null`: nothing. */
  readonly nextOfFleet: () => string | null;
  readonly closed: () => void;
}

export interface LiveClient {
  readonly tokenId: string | null;
  /** There may be something to send. */
  wake(): void;
  /** How a rollout stands now; replaces what waits to be sent of it. */
  offerProgress(id: string, json: string): void;
  close(): void;
}

/**
 * One live stream. Nothing is queued for it: it knows the position up to which it has sent and fetches what comes after as fast as
 * the client takes it, so a slow client costs no memory. One that took nothing at all for a whole heartbeat is cut off, and
 * may resume from the last `id` it saw.
 */
export function openLiveClient(options: LiveClientOptions): LiveClient {
  const { output, tokenId, heartbeatMs, eventsAfter, nextOfFleet, closed } = options;
  let position = options.after;
  let open = true;
  let pumping = false;
  let woken = false;
  /** How often the client has taken in all that was written. */
  let drains = 0;
  let goOn: () => void = () => {};
  const progress = new Map<string, string>();

  async function pump(): Promise<void> {
    while (open && woken) {
      woken = false;
      for (let events = await eventsAfter(position); open && events.length > 0; events = await eventsAfter(position)) {
        for (const event of events) {
          await send(event.text);
          position = event.position;
        }
      }
      for (const [id, json] of progress) {
        progress.delete(id);
        await send(`event: rollout\ndata: ${json}\n\n`);
      }
      for (let json = open ? nextOfFleet() : null; open && json !== null; json = nextOfFleet()) {
        await send(`event: fleet\ndata: ${json}\n\n`);
      }
    }
  }

  /** Writes, and waits while the client is not taking more. */
  async function send(text: string): Promise<void> {
    if (!open || output.write(text)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    goOn = resolve;
    output.once('drain', resolve);
    await promise;
    drains++;
  }

  function wake(): void {
    woken = true;
    if (pumping || !open) return;
    pumping = true;
    // A failure to read the log ends the stream: the client comes back to where it was, or hears what is wrong.
    pump()
      .catch(() => output.destroy())
      .finally(() => {
        pumping = false;
        if (woken && open) wake();
      });
  }

  let stuckAt: number | null = null;
  const heartbeat = setInterval(() => {
    if (!output.writableNeedDrain) {
      stuckAt = null;
      output.write(': here\n\n');
    } else if (stuckAt === drains) {
      output.destroy();
    } else {
      stuckAt = drains;
    }
  }, heartbeatMs);

  function stop(): void {
    if (!open) return;
    open = false;
    clearInterval(heartbeat);
    goOn();
    closed();
  }
  output.once('close', stop);
  output.write('retry: 2000\n\n');

  return {
    tokenId,
    wake,
    offerProgress(id, json) {
      progress.set(id, json);
      wake();
    },
    close() {
      if (output.writableNeedDrain) output.destroy();
      else output.end();
      stop();
    },
  };
}
