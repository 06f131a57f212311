import { listTargets, retireTarget } from '../../../wire/http/target.ts';
import { CliError } from '../cliError.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';
import { unknownName } from './get/unknownName.ts';

interface RetireOptions {
  readonly service?: string;
}

/** Nothing waits for a target that is gone for good, and no floor counts it. */
export const retire: Run<RetireOptions, [target: string]> = async ({ output, client: connect }, { service }, name) => {
  const client = await connect();
  const { items } = await client.list(listTargets, { service }, Number.POSITIVE_INFINITY);
  const found = items.filter((each) => each.name === name || each.uid === name);
  const [target, other] = found;
  if (target === undefined)
    throw unknownName(
      'target',
      name,
      items.map((each) => each.name),
      'ringfence get targets',
    );
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
