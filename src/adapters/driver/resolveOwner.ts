import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Host } from '../../engine/ports/host.ts';
import type { FileSlot } from '../../wire/manifest/slot/fileSlot.ts';

const TIMEOUT_MS = 5_000;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The numbers behind a user's and a group's name, from wherever the system has its users. The error is a sentence. */
export async function resolveOwner(
  { user, group }: NonNullable<FileSlot['owner']>,
  host: Host,
  signal: AbortSignal,
): Promise<Result<Owner, string>> {
  const uid = await idOf('passwd', user, host, signal);
  if (!uid.ok) return uid;
  const gid = await idOf('group', group, host, signal);
  return gid.ok ? ok({ uid: uid.value, gid: gid.value }) : gid;
}

async function idOf(
  database: 'passwd' | 'group',
  name: string,
  host: Host,
  signal: AbortSignal,
): Promise<Result<number, string>> {
  if (/^[0-9]+$/.test(name)) return ok(Number(name));
  const { ok: found, says, output } = await host.run(['getent', database, name], { timeoutMs: TIMEOUT_MS, signal });
  // name:password:id:…
  const id = found ? /^[^:\n]+:[^:\n]*:([0-9]+):/.exec(output)?.[1] : undefined;
  if (id !== undefined) return ok(Number(id));
  return err(`there is no ${database === 'passwd' ? 'user' : 'group'} ${name} on this target (getent ${says})`);
}
