import { checkRules } from '../manifests/checkRules.ts';
import { loadManifests } from '../manifests/loadManifests.ts';
import { readSources } from '../manifests/sources.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';
import { sayPassedOver } from './apply.ts';

export const validate: Run<{ file: readonly string[] }, []> = async (context, { file }) => {
  const { output, cwd } = context;
  const loaded = loadManifests(await readSources(file, cwd));
  sayPassedOver(context, loaded);
  await checkRules(loaded);
  output.document({
    valid: loaded.map(({ source, manifest }) => ({ file: source.name, kind: manifest.kind, name: manifest.name })),
  });
  output.lines(
    loaded.map(({ source, manifest }) => [
      segment('valid', 'good'),
      segment(`  ${manifest.kind}/${manifest.name}`),
      segment(`  ${source.name}`, 'faint'),
    ]),
  );
  return 'done';
};
