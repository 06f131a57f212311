import type { DurationMs } from '../../core/kernel/instant.ts';
import type { Result } from '../../core/kernel/result.ts';

/** What an agent can do to the programs on its own host. Everything is bounded in time and size; nothing here rejects. */
export interface Host {
  /** Runs a program without a shell. At the time limit, or when aborted, it and all it started that stayed in its group are killed. */
  run(command: readonly string[], limits: RunLimits): Promise<CommandOutcome>;
  /**
   * Kills (SIGKILL) whatever runs with this variable in its environment, as what a killed agent has left behind does, and waits until it is
   * gone. Where the system does not tell what runs, it does nothing.
   */
  endLeftOvers(variable: { readonly name: string; readonly value: string }): Promise<void>;
  /** Redirects are not followed. The error is a sentence. */
  request(request: HttpRequest): Promise<Result<HttpAnswer, string>>;
  /** Whether something accepts a connection there. */
  connect(
    address: { readonly host: string; readonly port: number },
    limits: { readonly timeoutMs: DurationMs; readonly signal: AbortSignal },
  ): Promise<Result<void, string>>;
}

export interface RunLimits {
  readonly timeoutMs: DurationMs;
  readonly signal: AbortSignal;
  /** The whole of what the program finds in its environment; left out: what the agent itself has, but for what is Ringfence's. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CommandOutcome {
  readonly ok: boolean;
  /** `ended with code 1`, `was killed by SIGSEGV`, `took longer than 10s`, `cannot be started: …`. */
  readonly says: string;
  /** The last 8 KiB of what it wrote to both outputs, as text. */
  readonly output: string;
}

export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly timeoutMs: DurationMs;
  /** A longer answer is an error. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly accept?: string;
  /** Besides what every request has. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  /** As it was said; empty: it was not. */
  readonly contentType: string;
  readonly body: Uint8Array;
}
