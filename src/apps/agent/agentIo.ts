/** Where agents write. stderr: the log; stdout: what a person asked to see. */
export interface AgentIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** Why agents do not start, for the person who started them: what was wrong, where, and what to do. */
export class AgentStartError extends Error {
  /** Whether a file that the person wrote has to be changed. */
  readonly usage: boolean;
  constructor(message: string, usage: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentStartError';
    this.usage = usage;
  }
}
