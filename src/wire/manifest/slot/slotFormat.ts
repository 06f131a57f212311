import type { z } from 'zod';
import type { DurationMs } from '../../../core/kernel/instant.ts';

/** How slots of one kind of change stand in an agent's file, and what others have to know of them. One file a kind. */
export interface SlotFormat<Slot> {
  readonly schema: z.ZodType;
  /** What was written, in our words. Only ever called with what {@link schema} lets through. */
  readonly read: (written: unknown) => Slot;
  /** The same slot with its paths as they are meant. */
  readonly resolved: (slot: Slot, from: PathsFrom) => Slot;
  /** Paths that no other slot of the agent may have too. They stand as written; read from what may be anything. */
  readonly owns: (written: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** Where on the target it is, for people. */
  readonly place: (slot: Slot) => string;
  readonly spans: (slot: Slot) => SlotSpans;
}

/** The most that each step may take by what the slot itself says; disks come on top. */
export interface SlotSpans {
  readonly applyMs: DurationMs;
  readonly verifyMs: DurationMs;
  /** All of the way back but the local checks. */
  readonly undoMs: DurationMs;
  /** Whether a restart may follow on the way back. */
  readonly restarts: boolean;
}

/** Relative paths are meant from the folder of the manifest's file. */
export interface PathsFrom {
  readonly path: (path: string) => string;
  /** The first word is a program, looked up on the PATH unless a folder is named. */
  readonly command: (command: readonly string[]) => readonly string[];
}

/** A format whose written shape is known to the compiler. */
export function slotFormat<Schema extends z.ZodType, Slot>(
  format: Omit<SlotFormat<Slot>, 'schema' | 'read'> & {
    readonly schema: Schema;
    readonly read: (written: z.output<Schema>) => Slot;
  },
): SlotFormat<Slot> {
  return { ...format, read: (written) => format.read(format.schema.parse(written)) };
}
