import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Host } from '../../engine/ports/host.ts';
import { CANDIDATE, type ValidateCommand } from '../../wire/manifest/slot/fileSlot.ts';

/** Has a program judge the new file while the old one is in force. The error is a sentence with what the program said. */
export async function validateCandidate(
  { command, timeoutMs }: ValidateCommand,
  path: string,
  host: Host,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  const filled = command.map((argument) => argument.replaceAll(CANDIDATE, path));
  const { ok: valid, says, output } = await host.run(filled, { timeoutMs, signal });
  if (valid) return ok(undefined);
  return err(`the validate command ${filled.join(' ')} ${says}${output === '' ? '' : `; it said: ${output}`}`);
}
