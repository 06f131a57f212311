export type FileFault = 'disk-full' | 'not-a-file' | 'too-large' | 'unavailable';

/** What a disk says, in a sentence with the path in it. */
export class FileError extends Error {
  readonly fault: FileFault;
  constructor(fault: FileFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FileError';
    this.fault = fault;
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  EACCES: 'the agent may not; run it as a user that may',
  EPERM: 'the agent may not; run it as a user that may',
  EROFS: 'the file system is read-only',
  ENOSPC: 'there is no room left on the disk',
  EDQUOT: "the user's disk quota is used up",
};

/** Anything that is not the system's answer is a bug, and thrown on. */
export function fileError(what: string, error: unknown): FileError {
  if (error instanceof FileError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const fault = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'unavailable';
  return new FileError(fault, `${what}: ${REMEDIES[code] ?? message}`, { cause: error });
}
