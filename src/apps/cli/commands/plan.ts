import { createHash } from 'node:crypto';
import { type ChangeBody, listChanges } from '../../../wire/http/change.ts';
import { planRollout } from '../../../wire/http/plan.ts';
import type { ApiClient } from '../apiClient.ts';
import { CliError } from '../cliError.ts';
import type { Exit } from '../exitCodes.ts';
import { type LoadedManifest, loadManifests } from '../manifests/loadManifests.ts';
import { readSources } from '../manifests/sources.ts';
import { planLines } from '../present/planLines.ts';
import type { Context, Run } from '../tree/runner.ts';

interface PlanOptions {
  readonly file?: readonly string[];
  readonly pipeline?: string;
}

/** What fits a terminal of the usual width; in a pipe there is no other to go by. */
const USUAL_WIDTH = 80;

export const plan: Run<PlanOptions, [change?: string]> = async (context, { file, pipeline }, named) => {
  if ((named === undefined) === (file === undefined)) {
    throw new CliError(
      'usage',
      `ringfence plan takes the name of a change or -f FILE, ${named === undefined ? 'and was given neither' : 'not both'}`,
      {
        remedy: '"ringfence get changes" lists the changes that are registered.',
      },
    );
  }
  // The manifests come first: a mistake in them is said even when no server answers.
  const manifest = file === undefined ? null : onlyChange(loadManifests(await readSources(file, context.cwd)), file);
  const client = await context.client();
  const change = named ?? (manifest === null ? '' : await registered(client, manifest));
  return show(
    context,
    await client.call(planRollout, { body: pipeline === undefined ? { change } : { change, pipeline } }),
  );
};

function show({ output }: Context, body: Parameters<typeof planLines>[0]): Exit {
  const width = Number.isFinite(output.width) ? output.width : USUAL_WIDTH;
  output.document(body);
  output.lines(planLines(body, width, output.glyphs));
  return body.refusals.length === 0 ? 'done' : 'refused';
}

function onlyChange(loaded: readonly LoadedManifest[], files: readonly string[]): LoadedManifest {
  const changes = loaded.filter(({ manifest }) => manifest.kind === 'Change');
  const [change] = changes;
  if (change !== undefined && changes.length === 1) return change;
  throw new CliError(
    'usage',
    `${files.join(', ')} ${changes.length === 0 ? 'holds no change' : `holds ${changes.length} changes`}, and one is planned at a time`,
    {
      remedy: changes.length === 0 ? 'Name a manifest of kind Change.' : 'Plan each by its name: ringfence plan NAME',
    },
  );
}

/**
 * The digest under which the server has this very content. Planning changes nothing, so a change the server does not have cannot be
 * planned: registering it moves nothing either, but it is on the record.
 */
async function registered(client: ApiClient, { manifest, contents, source }: LoadedManifest): Promise<string> {
  if (manifest.kind !== 'Change') throw new Error('invariant broken: only changes are planned');
  const { name, service, roles } = manifest.change;
  const slots = Object.fromEntries(Object.entries(contents).map(([slot, bytes]) => [slot, digestOf(bytes)]));
  const { items } = await client.list(listChanges, {}, Number.POSITIVE_INFINITY);
  const same = items.find((each) => each.service === service && sameSlots(each, slots) && sameRoles(each, roles));
  if (same !== undefined) return same.digest;
  throw new CliError(
    'refused',
    `the change "${name}" of ${source.name} is not registered with this content, so the server cannot plan it`,
    {
      code: 'unknown-change',
      remedy: `Register it, which moves nothing, then plan it: ringfence apply -f ${source.name === '<stdin>' ? '-' : source.name} && ringfence plan ${name}`,
    },
  );
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function sameSlots(change: ChangeBody, slots: Readonly<Record<string, string>>): boolean {
  const given = Object.entries(slots);
  return (
    given.length === Object.keys(change.slots).length && given.every(([slot, digest]) => change.slots[slot] === digest)
  );
}

/** Roles left out of a manifest are those that have its slots: the server filled them in. */
function sameRoles(change: ChangeBody, roles: readonly string[]): boolean {
  return (
    roles.length === 0 || (roles.length === change.roles.length && roles.every((role) => change.roles.includes(role)))
  );
}
