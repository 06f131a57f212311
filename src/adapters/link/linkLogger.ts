/** Where a link says what happened. Fields are data for machines, `says` is a sentence. Never given a token or a message's bytes. */
export interface LinkLogger {
  info(fields: Readonly<Record<string, unknown>>, says: string): void;
  warn(fields: Readonly<Record<string, unknown>>, says: string): void;
  error(fields: Readonly<Record<string, unknown>>, says: string): void;
}

export const SILENT_LOGGER: LinkLogger = { info: () => {}, warn: () => {}, error: () => {} };
