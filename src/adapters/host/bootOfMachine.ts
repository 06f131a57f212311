import { readFileSync } from 'node:fs';

/** Another one each time the machine is booted; `null` where the system does not say (it is not Linux). */
export function bootOfMachine(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() || null;
  } catch {
    return null;
  }
}
