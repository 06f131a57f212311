import type { FailureCode } from '../../core/agent/failureCode.ts';
import type { Content } from '../../core/agent/slot.ts';
import { type Driver, DriverError, type Revision } from '../../engine/ports/driver.ts';
import type { ScriptCommand, ScriptSlot } from '../../wire/manifest/slot/scriptSlot.ts';
import { bytesOf, named } from './driverFault.ts';
import type { DriverTools } from './driverTools.ts';
import { SlotFile } from './slotFile.ts';

const FILE = '{file}';
const PREVIOUS = '{previous}';
const NOTHING = '/dev/null';
/** Of the revisions: what is in them may be nobody else's business. */
const ATTRIBUTES = { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
/** Whatever the commands start has this in its environment, and is found by it. */
const MARK = 'RINGFENCE_SLOT_FILE';

/**
 * Programs of other people's that bring a revision into force, show that it is, and take it back. The revision counts as in force once
 * `apply` has ended with 0 and the file holds it. An agent that was killed half-way runs `undo`, after it has ended whatever the killed one
 * had left running: so a half is undone, and two of the commands never run at once.
 */
export const scriptDriver = (spec: ScriptSlot, { host }: DriverTools): Driver => {
  const file = new SlotFile(spec.file);
  const mark = { name: MARK, value: spec.file };

  async function prepare(next: Revision, back: Revision): Promise<void> {
    await named('prepare-failed', false, async () => {
      if (back.bytes !== null) await file.stage('back', back.bytes, ATTRIBUTES);
      await file.stage('next', bytesOf(next), ATTRIBUTES);
    });
  }

  async function apply(next: Revision, expected: Content, signal: AbortSignal): Promise<void> {
    const before = await named('apply-failed', false, () => file.read());
    if (before.content === next.content) return;
    if (before.content !== expected) {
      const says = `${spec.file} holds ${before.content}, not ${expected} as it should: somebody else changed it`;
      throw new DriverError('drifted', says, false);
    }
    await named('apply-failed', false, async () => {
      if (!(await file.isStaged('next', next.content))) await file.stage('next', bytesOf(next), ATTRIBUTES);
      await host.endLeftOvers(mark);
    });
    const previous = before.content === 'absent' ? NOTHING : spec.file;
    await run('apply', 'apply-failed', { revision: file.stagedPath('next'), previous }, signal);
    await named('apply-failed', true, async () => {
      await file.putStaged('next');
      await file.sync();
    });
  }

  async function verify({ content }: Revision, signal: AbortSignal): Promise<string> {
    return show('verify-failed', content, signal);
  }

  async function undo(back: Revision, leaving: Content | null, signal: AbortSignal): Promise<string> {
    await named('revert-failed', true, async () => {
      await host.endLeftOvers(mark);
      if (back.bytes !== null && !(await file.isStaged('back', back.content)))
        await file.stage('back', back.bytes, ATTRIBUTES);
    });
    const revision = back.bytes === null ? NOTHING : file.stagedPath('back');
    await run('undo', 'revert-failed', { revision, previous: await left(leaving) }, signal);
    await named('revert-failed', true, async () => {
      if (back.bytes === null) await file.remove();
      else await file.putStaged('back');
      await file.sync();
    });
    return show('revert-failed', back.content, signal);
  }

  /** Where the revision that is left lies: it may have come into force, or have been on its way. */
  async function left(leaving: Content | null): Promise<string> {
    if (leaving === null || leaving === 'absent') return NOTHING;
    if (await file.isStaged('next', leaving)) return file.stagedPath('next');
    return (await file.read().catch(() => null))?.content === leaving ? spec.file : NOTHING;
  }

  async function show(code: FailureCode, content: Content, signal: AbortSignal): Promise<string> {
    const found = await named(code, true, () => file.read());
    if (found.content !== content)
      throw new DriverError(code, `${spec.file} holds ${found.content}, expected ${content}`, true);
    const revision = content === 'absent' ? NOTHING : spec.file;
    return `script (verify ${await run('verify', code, { revision, previous: NOTHING }, signal)})`;
  }

  /** How it ended. */
  async function run(
    what: 'apply' | 'verify' | 'undo',
    code: FailureCode,
    paths: { readonly revision: string; readonly previous: string },
    signal: AbortSignal,
  ): Promise<string> {
    const { command, timeoutMs }: ScriptCommand = spec[what];
    const filled = command.map((word) => word.replaceAll(FILE, paths.revision).replaceAll(PREVIOUS, paths.previous));
    const { ok, says, output } = await host.run(filled, { timeoutMs, signal, environment: environment() });
    if (ok) return says;
    const said = output === '' ? '' : `; it said: ${output}`;
    throw new DriverError(code, `the ${what} command ${filled.join(' ')} ${says}${said}`, true);
  }

  function environment(): Readonly<Record<string, string>> {
    const allowed = spec.environment.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { ...Object.fromEntries(allowed), [MARK]: spec.file };
  }

  return {
    read: () => named('prepare-failed', false, () => file.read()),
    prepare,
    apply,
    verify,
    undo,
    async tidy(back) {
      await file.unstage('next');
      if (back === null) await file.unstage('back');
    },
  };
};
