import type { z } from 'zod';
import type { DurationMs } from '../../../core/kernel/instant.ts';
import { distinct, fields, list } from '../fields.ts';
import { filePath, pattern } from '../scalars.ts';
import { command, span, watchFor } from './serviceTelling.ts';
import { type PathsFrom, slotFormat } from './slotFormat.ts';

/** Something that other people's programs bring into force, show, and take back. Its revisions are what they are given. */
export interface ScriptSlot {
  readonly kind: 'script';
  /** Where the revision in force is kept: as long as it is not there, nothing of ours is in force. */
  readonly file: string;
  readonly apply: ScriptCommand;
  readonly verify: ScriptCommand;
  readonly undo: ScriptCommand;
  /** Names of what the commands find in their environment of the agent's own. */
  readonly environment: readonly string[];
  readonly watchForMs: DurationMs;
}

export interface ScriptCommand {
  /** `{file}` stands for the path of the revision to hold, `{previous}` for that of the one that is left; `/dev/null` where there is none. */
  readonly command: readonly string[];
  readonly timeoutMs: DurationMs;
}

const scriptCommand = (says: string) =>
  fields('a mapping with command and timeout', {
    command,
    timeout: span
      .default(60_000)
      .describe('how long it may take before it is killed with all it started; 1m if left out'),
  }).describe(says);

export const scriptSlot = slotFormat({
  schema: fields('a mapping with file, apply, verify and undo', {
    file: filePath.describe('where the revision in force is kept'),
    apply: scriptCommand('brings the revision in {file} into force; ends with 0. A second time it changes nothing'),
    verify: scriptCommand('ends with 0 if, and only if, the revision in {file} is in force'),
    undo: scriptCommand('brings back the revision in {file}, whatever of {previous} was done; ends with 0'),
    environment: list(
      'a list of names of variables, such as PATH',
      pattern(
        'the name of a variable, other than those that begin with RINGFENCE_',
        /^(?!RINGFENCE_)[A-Za-z_][A-Za-z0-9_]{0,127}$/,
      ),
      100,
    )
      .superRefine(...distinct('a variable'))
      .default(['PATH'])
      .describe("what the commands find of the agent's own environment; PATH alone if left out"),
    watchFor,
  }),
  read: ({ file, apply, verify, undo, environment, watchFor }): ScriptSlot => ({
    kind: 'script',
    file,
    apply: toCommand(apply),
    verify: toCommand(verify),
    undo: toCommand(undo),
    environment,
    watchForMs: watchFor,
  }),
  resolved: (slot, from) => ({
    ...slot,
    file: from.path(slot.file),
    apply: resolved(slot.apply, from),
    verify: resolved(slot.verify, from),
    undo: resolved(slot.undo, from),
  }),
  owns: ({ file }) => ({ file }),
  place: ({ file }) => file,
  spans: ({ apply, verify, undo }) => ({
    applyMs: apply.timeoutMs,
    verifyMs: verify.timeoutMs,
    undoMs: undo.timeoutMs + verify.timeoutMs,
    restarts: false,
  }),
});

function toCommand({ command, timeout }: z.output<ReturnType<typeof scriptCommand>>): ScriptCommand {
  return { command, timeoutMs: timeout };
}

function resolved({ command, timeoutMs }: ScriptCommand, from: PathsFrom): ScriptCommand {
  return { command: from.command(command), timeoutMs };
}
