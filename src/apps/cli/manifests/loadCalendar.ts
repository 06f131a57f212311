import type { ReadingOptions } from '../../../adapters/calendar/eventToFreeze.ts';
import { readICalendar } from '../../../adapters/calendar/readICalendar.ts';
import { toFreezeManifest } from '../../../wire/manifest/freeze.ts';
import type { ManifestProblem } from '../../../wire/manifest/manifestProblem.ts';
import type { LoadedManifest } from './loadManifests.ts';
import type { Source } from './sources.ts';

/** The events of an iCalendar file as the manifests of freezes. */
export function loadCalendar(
  source: Source,
  options: ReadingOptions,
  report: (problem: ManifestProblem) => void,
): LoadedManifest[] {
  const read = readICalendar(source.text, source.name, options);
  if (!read.ok) {
    read.error.forEach(report);
    return [];
  }
  return read.value.map(({ freeze, line }) => ({
    source,
    manifest: { kind: 'Freeze', name: freeze.name, position: { line, column: 1 }, freeze },
    document: toFreezeManifest(freeze),
    contents: {},
  }));
}
