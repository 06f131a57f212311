import { CliError } from '../cliError.ts';
import { count, names } from '../present/words.ts';
import type { LoadedManifest } from './loadManifests.ts';

/** Throws when a rule of a pipeline cannot be used, as the server would refuse it. The language of rules is loaded only where there is one. */
export async function checkRules(loaded: readonly LoadedManifest[]): Promise<void> {
  const pipelines = loaded.flatMap(({ source, manifest }) =>
    manifest.kind === 'Pipeline' && manifest.pipeline.rules !== undefined
      ? [{ source, pipeline: manifest.pipeline }]
      : [],
  );
  if (pipelines.length === 0) return;
  const { createRules } = await import('../../../adapters/rules/createRules.ts');
  const rules = createRules();
  const faulty = pipelines.flatMap(({ source, pipeline }) => {
    const fault = rules.fault(pipeline);
    return fault === null ? [] : [{ source, pipeline, fault }];
  });
  if (faulty.length === 0) return;
  const files = [...new Set(faulty.map(({ source }) => source.name))];
  throw new CliError('usage', `${count(faulty.length, 'mistake')} in ${names(files)}`, {
    code: 'manifest-invalid',
    extract: faulty.flatMap(({ source, pipeline, fault }) => [
      `${source.name}: rule "${fault.rule}" of pipeline "${pipeline.name}": ${fault.says}`,
      `  ${fault.remedy}`,
    ]),
    remedy: 'Nothing was sent.',
  });
}
