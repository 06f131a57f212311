import type { FailureCode } from '../../core/agent/failureCode.ts';
import type { RevertBy } from '../../core/agent/revertingSteps.ts';
import type { Attributes, Content } from '../../core/agent/slot.ts';
import { ok, type Result } from '../../core/kernel/result.ts';
import { type Driver, DriverError, type Reading, type Revision } from '../../engine/ports/driver.ts';
import type { FileSlot } from '../../wire/manifest/slot/fileSlot.ts';
import { bytesOf, named } from './driverFault.ts';
import type { DriverTools } from './driverTools.ts';
import { heldByService } from './heldByService.ts';
import { reloadFor } from './reload.ts';
import { type Owner, resolveOwner } from './resolveOwner.ts';
import { type FileAttributes, SlotFile, type StageName } from './slotFile.ts';
import { validateCandidate } from './validateCandidate.ts';

/** Of a file that was not there before, where the slot names no mode. */
const NEW_FILE_MODE = 0o644;

/** A configuration file that a service reads at its start and again when told to. */
export const configDriver = (spec: FileSlot, tools: DriverTools): Driver => {
  const file = new SlotFile(spec.file);
  const reload = spec.reload && reloadFor(spec.reload, tools, 'reload');
  const restart = spec.restart && reloadFor(spec.restart, tools, 'restart');
  let owner: Owner | null = null;

  async function read(): Promise<Reading> {
    const reading = await named('prepare-failed', false, () => file.read());
    // Only looks: also so that a process id that is given away later is known to be another's.
    const found = [await reload?.process(), await restart?.process()].find((each) => each != null);
    return found == null ? reading : { ...reading, process: found };
  }

  async function prepare(next: Revision, back: Revision, signal: AbortSignal): Promise<void> {
    const ready = await reload?.ready();
    if (ready?.ok === false)
      throw new DriverError('prepare-failed', `the service could not be told to read its file: ${ready.error}`, false);
    const known = await findOwner(signal);
    if (!known.ok) throw new DriverError('prepare-failed', known.error, false);
    await named('prepare-failed', false, async () => {
      if (back.bytes !== null) await file.stage('back', back.bytes, attributesOf(back.attributes));
      await file.stage('next', bytesOf(next), asConfigured(back.attributes));
    });
    if (spec.validate === null) return;
    const valid = await validateCandidate(spec.validate, file.stagedPath('next'), tools.host, signal);
    if (!valid.ok) throw new DriverError('prepare-failed', valid.error, false);
  }

  /** A name that is not known any more does not keep a file from going back: it then keeps the owner it has. */
  async function findOwner(signal: AbortSignal): Promise<Result<void, string>> {
    if (spec.owner === null || owner !== null) return ok(undefined);
    const found = await resolveOwner(spec.owner, tools.host, signal);
    if (found.ok) owner = found.value;
    return found.ok ? ok(undefined) : found;
  }

  async function apply(next: Revision, expected: Content, signal: AbortSignal): Promise<void> {
    await findOwner(signal);
    await named('apply-failed', false, async () => {
      const { content, attributes } = await file.read();
      // It was put there before, and whoever did it was killed before the service was told.
      if (content === next.content) return;
      if (content !== expected) {
        throw new DriverError(
          'drifted',
          `${spec.file} holds ${content}, not ${expected} as it should: somebody else changed it`,
          false,
        );
      }
      if (!(await file.isStaged('next', next.content)))
        await file.stage('next', bytesOf(next), asConfigured(attributes));
      signal.throwIfAborted();
      await file.putStaged('next');
    });
    await named('apply-failed', true, () => file.sync());
    const told = await reload?.tell(signal);
    if (told?.ok === false) throw new DriverError('apply-failed', told.error, true);
  }

  async function verify({ content }: Revision, signal: AbortSignal): Promise<string> {
    return show('verify-failed', content, null, signal);
  }

  async function undo(back: Revision, leaving: Content | null, signal: AbortSignal, by: RevertBy): Promise<string> {
    await findOwner(signal);
    await named('revert-failed', true, () => putBack(back).then(() => file.sync()));
    const again = by === 'restart' && restart !== null;
    const told = await (again ? restart : reload)?.tell(signal);
    const restored = `${spec.file} is as it was, but${again ? ' after a restart' : ''}`;
    // Whether it heard does not matter once it shows that it holds what it should.
    if (told?.ok === false && spec.verify === null)
      throw new DriverError('revert-failed', `${restored} the service could not be told: ${told.error}`, true);
    try {
      const shownBy = await show('revert-failed', back.content, leaving, signal);
      return again ? `${shownBy} after a restart` : shownBy;
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      const untold = told?.ok === false ? `; nor could it be told: ${told.error}` : '';
      throw new DriverError('revert-failed', `${restored} ${error.message}${untold}`, true);
    }
  }

  async function putBack(back: Revision): Promise<void> {
    if (back.content === 'absent') return file.remove();
    const present = await file.read().catch(() => null);
    const wanted = { ...asConfigured(present?.attributes ?? null), ...back.attributes };
    if (present?.content === back.content && sameAttributes(attributesOf(present.attributes), wanted)) return;
    // What prepare has put there needs no room now. Anything older does, and what was to go forward gives it up (law 5).
    if (!(await file.isStaged('back', back.content))) {
      await file.unstage('next');
      await file.stage('back', bytesOf(back), wanted);
    }
    await file.putStaged('back');
  }

  /** Reads back the file, and asks the service where it can be asked. */
  async function show(
    code: FailureCode,
    content: Content,
    leaving: Content | null,
    signal: AbortSignal,
  ): Promise<string> {
    const found = await named(code, true, () => file.read());
    if (found.content !== content)
      throw new DriverError(code, `${spec.file} holds ${found.content}, expected ${content}`, true);
    if (spec.verify === null) return 'file';
    const held = await heldByService(spec.verify, tools, { expected: content, leaving, signal });
    if (!held.ok) throw new DriverError(code, held.error, true);
    return spec.verify.kind;
  }

  async function tidy(back: Content | null): Promise<void> {
    const left: StageName[] = back === null ? ['next', 'back'] : ['next'];
    for (const name of left) await file.unstage(name);
  }

  function asConfigured(found: Attributes | null): FileAttributes {
    const attributes = attributesOf(found);
    return { ...attributes, ...owner, mode: spec.mode ?? attributes.mode };
  }

  return { read, prepare, apply, verify, undo, tidy, canRestart: restart !== null };
};

/** What a file lacks that is not there: the agent's own user and group. */
function attributesOf(found: Attributes | null): FileAttributes {
  return {
    mode: found?.mode ?? NEW_FILE_MODE,
    uid: found?.uid ?? process.getuid?.() ?? 0,
    gid: found?.gid ?? process.getgid?.() ?? 0,
  };
}

function sameAttributes(a: FileAttributes, b: FileAttributes): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}
