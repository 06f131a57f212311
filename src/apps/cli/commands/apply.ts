import { shortDigest } from '../../../core/kernel/digest.ts';
import { applyManifests } from '../../../wire/http/manifest.ts';
import type { ManifestKindName } from '../../../wire/manifest/parsedManifest.ts';
import { CliError } from '../cliError.ts';
import type { Exit } from '../exitCodes.ts';
import { type LoadedManifest, loadManifests } from '../manifests/loadManifests.ts';
import { readSources } from '../manifests/sources.ts';
import { names } from '../present/words.ts';
import { pad } from '../terminal/fit.ts';
import { type Segment, type StyledLine, segment } from '../terminal/styledLine.ts';
import type { Context, Run } from '../tree/runner.ts';

/** The order in which the server needs them: a pipeline names a service, a change both. */
const SENT: readonly ManifestKindName[] = ['Service', 'Pipeline', 'Change', 'Freeze', 'Catalog'];
/** Storing many artifacts durably takes its time. */
const APPLY_MS = 120_000;

export const apply: Run<{ file: readonly string[] }, []> = async (context, options) => {
  return send(context, loadManifests(await readSources(options.file, context.cwd)));
};

/** Sends what was loaded, all of it or none, and says what became of each. */
export async function send(context: Context, loaded: readonly LoadedManifest[]): Promise<Exit> {
  const sent = SENT.flatMap((kind) => loaded.filter(({ manifest }) => manifest.kind === kind));
  leaveAgents(context, loaded);
  sayPassedOver(context, loaded);
  if (sent.length === 0)
    throw new CliError(
      'usage',
      'there is nothing to apply: no service, pipeline, change, freeze or catalogue is in these files',
    );
  const client = await context.client();
  const { applied } = await client.call(
    applyManifests,
    { body: { documents: sent.map(({ document }) => ({ ...document })) } },
    APPLY_MS,
  );
  context.output.document({ applied });
  context.output.lines(
    applied.map(({ kind, name, outcome, digest }): StyledLine => {
      const line: Segment[] = [
        segment(pad(outcome, 9), outcome === 'unchanged' ? 'faint' : 'good'),
        segment(`  ${kind}/${name}`),
      ];
      return digest === undefined ? line : [...line, segment(`  ${shortDigest(digest)}`, 'faint')];
    }),
  );
  const change = applied.find(({ kind, outcome }) => kind === 'Change' && outcome === 'created');
  if (context.output.interactive && change !== undefined) {
    context.output.lines([[segment(`Nothing moves yet. What it would do: ringfence plan ${change.name}`, 'faint')]]);
  }
  return 'done';
}

/** What says nothing of dependencies in a file of Backstage entities is not read; it is said, so that nobody waits for it. */
export function sayPassedOver({ output }: Context, loaded: readonly LoadedManifest[]): void {
  for (const { source, passedOver = [] } of loaded) {
    if (passedOver.length === 0) continue;
    const which = names(passedOver, passedOver.length, 5);
    output.notice(`${source.name}: passed over ${which}, which says nothing of dependencies`);
  }
}

/** An agent's own manifest may lie beside the others; it is for `ringfence agent` on its machine alone. */
function leaveAgents({ output }: Context, loaded: readonly LoadedManifest[]): void {
  for (const { source, manifest } of loaded.filter((each) => each.manifest.kind === 'Agent')) {
    const says = `${source.name} has the Agent "${manifest.name}", which is never sent to a server`;
    if (source.named)
      throw new CliError('usage', says, { remedy: `Use it where that target is: ringfence agent -f ${source.name}` });
    output.notice(`${says}: left out`);
  }
}
