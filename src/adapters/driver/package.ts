import { rm } from 'node:fs/promises';
import type { FailureCode } from '../../core/agent/failureCode.ts';
import type { Content } from '../../core/agent/slot.ts';
import { isDigest } from '../../core/kernel/digest.ts';
import { type Driver, DriverError, type Reading, type Revision } from '../../engine/ports/driver.ts';
import type { PackageSlot } from '../../wire/manifest/slot/packageSlot.ts';
import {
  type PackageDescriptor,
  packageStatement,
  readPackageDescriptor,
} from '../../wire/package/packageDescriptor.ts';
import { bytesOf, named } from './driverFault.ts';
import type { DriverTools } from './driverTools.ts';
import { heldByService } from './heldByService.ts';
import { inspectArchive } from './inspectArchive.ts';
import { fileDigest, PackageStore } from './packageStore.ts';
import { reloadFor } from './reload.ts';
import { contentOf } from './slotFile.ts';

const UNPACKED_WITHIN_MS = 600_000;

/**
 * Versions of a package side by side, and one link that says which is in force. `prepare` fetches the archive, believes it only by its SHA-256
 * and a publisher's signature, looks through it before anything is unpacked, and unpacks it; `apply` turns the link. Going back turns it back:
 * the version before is still there, and nothing is fetched.
 */
export const packageDriver = (spec: PackageSlot, tools: DriverTools): Driver => {
  const store = new PackageStore(spec.directory);
  const reload = spec.reload && reloadFor(spec.reload, tools, 'reload');
  const restart = spec.restart && reloadFor(spec.restart, tools, 'restart');

  async function read(): Promise<Reading> {
    const reading = await named('prepare-failed', false, readLink);
    const process = [await reload?.process(), await restart?.process()].find((each) => each != null);
    return process == null ? reading : { ...reading, process };
  }

  async function readLink(): Promise<Reading> {
    const link = await store.link();
    if (link === null) return { content: 'absent', bytes: null, attributes: {} };
    const bytes = (await store.descriptorAt(link)) ?? foreignLink(link);
    return { content: contentOf(bytes), bytes, attributes: {} };
  }

  async function prepare(next: Revision, _back: Revision, signal: AbortSignal): Promise<void> {
    const ready = await reload?.ready();
    if (ready?.ok === false) throw refuse(`the service could not be told to take it up: ${ready.error}`);
    const descriptor = believed(next);
    const { content } = next;
    if (!isDigest(content) || (await named('prepare-failed', false, () => store.isSound(content)))) return;
    const archive = await named('prepare-failed', false, () => store.download(content));
    await fetchArchive(descriptor, archive, signal);
    const fit = await inspectArchive(archive, spec.unpacked, signal);
    if (!fit.ok) throw refuse(`the archive of ${nameOf(descriptor)} is not unpacked: ${fit.error}`);
    const folder = await named('prepare-failed', false, () => store.beginVersion(content));
    await unpack(archive, folder, signal);
    await named('prepare-failed', false, () => store.endVersion(content, bytesOf(next)));
    await rm(archive, { force: true });
  }

  /** Who signed it, and what; nothing of what a server says is believed for this. */
  function believed(next: Revision): PackageDescriptor {
    const read = readPackageDescriptor(bytesOf(next));
    if (!read.ok) throw refuse(`the revision does not describe a package: ${read.error}`);
    const { key, signature } = read.value;
    if (!spec.keys.includes(key))
      throw refuse(`${nameOf(read.value)} is signed with ${key}, which is none of the keys of the slot (keys)`);
    if (!tools.verifier.verify(key, packageStatement(read.value), signature))
      throw refuse(`the signature of ${nameOf(read.value)} is not that of its key ${key}`);
    return read.value;
  }

  async function fetchArchive(descriptor: PackageDescriptor, file: string, signal: AbortSignal): Promise<void> {
    const { sha256, size, url } = descriptor;
    const got = await tools.downloads.fetch({ from: url === undefined ? { sha256 } : { url }, file, size, signal });
    const may = { passing: true };
    if (!got.ok)
      throw new DriverError('prepare-failed', `${nameOf(descriptor)} cannot be fetched now: ${got.error}`, false, may);
    const found = await fileDigest(file);
    if (found === sha256) return;
    await rm(file, { force: true });
    throw new DriverError(
      'prepare-failed',
      `what was fetched for ${nameOf(descriptor)} is ${found}, expected ${sha256}`,
      false,
      may,
    );
  }

  async function unpack(archive: string, folder: string, signal: AbortSignal): Promise<void> {
    const limits = { timeoutMs: UNPACKED_WITHIN_MS, signal };
    const commands = [
      ['tar', '--extract', '--file', archive, '--directory', folder, '--no-same-owner', '--no-same-permissions'],
      // A version counts once its record is there; its files must be on the disk by then.
      ['sync', '--file-system', folder],
    ];
    for (const command of commands) {
      const { ok, says, output } = await tools.host.run(command, limits);
      if (ok) continue;
      const full = output.includes('No space left on device');
      throw new DriverError(full ? 'disk-full' : 'prepare-failed', `${command[0]} ${says}; it said: ${output}`, false);
    }
  }

  async function apply(next: Revision, expected: Content, signal: AbortSignal): Promise<void> {
    await named('apply-failed', false, async () => {
      const { content } = await readLink();
      // It was put there before, and whoever did it was killed before the service was told.
      if (content === next.content) return;
      if (content !== expected) {
        const says = `${store.current} holds ${content}, not ${expected} as it should: somebody else changed it`;
        throw new DriverError('drifted', says, false);
      }
      if (!isDigest(next.content) || !(await store.has(next.content)))
        throw new DriverError('apply-failed', `${next.content} is not unpacked in ${spec.directory}`, false);
      signal.throwIfAborted();
      await store.put(store.linkTo(next.content));
    });
    const told = await reload?.tell(signal);
    if (told?.ok === false) throw new DriverError('apply-failed', told.error, true);
  }

  async function undo(...[back, leaving, signal, by]: Parameters<Driver['undo']>): Promise<string> {
    await named('revert-failed', true, async () => {
      if (isDigest(back.content) && linkOf(back) === store.linkTo(back.content) && !(await store.has(back.content)))
        throw new DriverError('revert-failed', `${back.content} is not in ${spec.directory} any more`, true);
      const link = linkOf(back);
      if ((await store.link().catch(() => null)) !== link) await store.put(link);
    });
    const again = by === 'restart' && restart !== null;
    const told = await (again ? restart : reload)?.tell(signal);
    if (told?.ok === false && spec.verify === null)
      throw new DriverError(
        'revert-failed',
        `${store.current} is as it was, but the service could not be told: ${told.error}`,
        true,
      );
    const shownBy = await show('revert-failed', back, leaving, signal);
    return again ? `${shownBy} after a restart` : shownBy;
  }

  function linkOf({ content, bytes }: Revision): string | null {
    if (content === 'absent') return null;
    return (bytes && foreignLinkIn(bytes)) ?? store.linkTo(content);
  }

  async function show(
    code: FailureCode,
    wanted: Revision,
    leaving: Content | null,
    signal: AbortSignal,
  ): Promise<string> {
    const { content } = await named(code, true, readLink);
    if (content !== wanted.content)
      throw new DriverError(code, `${store.current} holds ${content}, expected ${wanted.content}`, true);
    const descriptor = wanted.bytes === null ? null : readPackageDescriptor(wanted.bytes);
    if (descriptor?.ok !== true) return 'link';
    if (isDigest(content) && !(await store.isSound(content)))
      throw new DriverError(
        code,
        `the files of ${nameOf(descriptor.value)} in ${store.versionPath(content)} are not as they were unpacked`,
        true,
      );
    if (spec.verify === null) return 'link';
    const question = { expected: `sha256:${descriptor.value.sha256}`, leaving, signal } as const;
    const held = await heldByService(spec.verify, tools, question);
    if (!held.ok) throw new DriverError(code, held.error, true);
    return spec.verify.kind;
  }

  return {
    read,
    prepare,
    apply,
    verify: (next, signal) => show('verify-failed', next, null, signal),
    undo,
    tidy: (back, keep) => store.prune(back === null ? keep : new Set([...keep, back])),
    canRestart: restart !== null,
  };
};

/** A link that was there before Ringfence, as bytes that can be kept. No descriptor looks like it. */
function foreignLink(link: string): Uint8Array {
  return Buffer.from(JSON.stringify({ link }));
}

function foreignLinkIn(bytes: Uint8Array): string | null {
  try {
    const { link } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { readonly link?: unknown };
    return typeof link === 'string' ? link : null;
  } catch {
    return null;
  }
}

function refuse(says: string): DriverError {
  return new DriverError('prepare-failed', says, false);
}

function nameOf({ name, version }: PackageDescriptor): string {
  return `${name} ${version}`;
}
