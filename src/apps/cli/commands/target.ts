import { retireTarget } from '../../../wire/http/target.ts';
import { CliError } from '../cliError.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';
import { targetsNamed } from './get/targetsNamed.ts';

interface RetireOptions {
  readonly service?: string;
}

/** Nothing waits for a target that is gone for good, and no floor counts it. */
export const retire: Run<RetireOptions, [target: string]> = async ({ output, client: connect }, { service }, name) => {
  const client = await connect();
  const found = await targetsNamed(client, { service }, name);
  const [target, other] = found;
  if (other !== undefined)
    throw new CliError('usage', `${found.length} targets are called ${name}`, {
      remedy: `Name its service (--service ${target.service}), or give its uid.`,
    });
  await client.call(retireTarget, { params: { uid: target.uid } });
  output.document({ retired: target.uid, name: target.name });
  const rest = target.connected ? ': it is connected, and enrols again' : ': nothing waits for it any more';
  output.lines([[segment('retired', 'good'), segment(`  target ${target.name} of ${target.service}${rest}`)]]);
  return 'done';
};
