import { listTargets, type TargetBody } from '../../../../wire/http/target.ts';
import type { ApiClient } from '../../apiClient.ts';
import { unknownName } from './unknownName.ts';

/** All targets of this name or uid; several services may have one of a name. Where there is none, the nearest name is said. */
export async function targetsNamed(
  client: ApiClient,
  query: Parameters<ApiClient['list']>[1],
  name: string,
): Promise<readonly [TargetBody, ...TargetBody[]]> {
  const { items } = await client.list(listTargets, query, Number.POSITIVE_INFINITY);
  const [first, ...others] = items.filter((each) => each.name === name || each.uid === name);
  if (first !== undefined) return [first, ...others];
  throw unknownName(
    'target',
    name,
    items.map((each) => each.name),
    'ringfence get targets',
  );
}
