import { readFileSync } from 'node:fs';
import type { ReadingOptions } from '../../../adapters/calendar/eventToFreeze.ts';
import type { Json } from '../../../core/kernel/canonicalJson.ts';
import { isBackstage } from '../../../wire/backstage/readBackstage.ts';
import type { ManifestProblem, SourcePosition } from '../../../wire/manifest/manifestProblem.ts';
import type { ParsedManifest } from '../../../wire/manifest/parsedManifest.ts';
import { parseManifests } from '../../../wire/manifest/parseManifests.ts';
import { MAX_DEPTH } from '../../../wire/manifest/parseManifestValue.ts';
import { renderProblem } from '../../../wire/manifest/renderProblem.ts';
import type { YamlDocument } from '../../../wire/manifest/yamlDocument.ts';
import { yamlDocuments } from '../../../wire/manifest/yamlDocuments.ts';
import { CliError } from '../cliError.ts';
import { count, names } from '../present/words.ts';
import { inlineFiles } from './inlineFiles.ts';
import { loadBackstage } from './loadBackstage.ts';
import { loadCalendar } from './loadCalendar.ts';
import type { Source } from './sources.ts';

/** A manifest without a mistake, ready to be sent: the files it names are in it. */
export interface LoadedManifest {
  readonly source: Source;
  readonly manifest: ParsedManifest;
  /** As the HTTP API takes it. */
  readonly document: Readonly<Record<string, Json>>;
  /** Of a change: the bytes of its slots. */
  readonly contents: Readonly<Record<string, Uint8Array>>;
  /** What was in the file and is not read. */
  readonly passedOver?: readonly string[];
}

/** As iCalendar files are read that stand among manifests. */
const AS_WRITTEN: ReadingOptions = { timeZone: null, services: [] };

/**
 * Every manifest of the sources, in order, or one error with every mistake in them, each at its place. Files named *.ics are
 * calendars; with `calendars` every source is one. Files of Backstage entities are catalogues, called `catalogName` or by their path.
 */
export function loadManifests(
  sources: readonly Source[],
  calendars?: ReadingOptions,
  catalogName?: string,
): LoadedManifest[] {
  const loaded: LoadedManifest[] = [];
  const mistakes: { readonly problem: ManifestProblem; readonly text: string }[] = [];
  for (const source of sources) {
    const report = (problem: ManifestProblem) => mistakes.push({ problem, text: source.text });
    const calendar = calendars ?? (/\.ics$/i.test(source.name) ? AS_WRITTEN : null);
    if (calendar !== null) {
      loaded.push(...loadCalendar(source, calendar, report));
      continue;
    }
    if (isBackstage(source.text)) {
      loaded.push(...loadBackstage(source, catalogName, report));
      continue;
    }
    const parsed = parseManifests(source.text, source.name);
    if (!parsed.ok) parsed.error.forEach(report);
    else loaded.push(...readDocuments(source, parsed.value, report));
  }
  reportNamesakes(loaded, (problem, text) => mistakes.push({ problem, text }));
  if (mistakes.length > 0) throw mistaken(mistakes);
  return loaded;
}

/** The documents as they were written: what was parsed from them has the core's shape, and the server takes the manifest's. */
function readDocuments(
  source: Source,
  manifests: readonly ParsedManifest[],
  report: (problem: ManifestProblem) => void,
): LoadedManifest[] {
  const documents = [...yamlDocuments(source.text, MAX_DEPTH, [])];
  return manifests.map((manifest, index) => {
    const document = documents[index] as YamlDocument;
    const value = document.value as Readonly<Record<string, Json>>;
    if (manifest.kind !== 'Change') return { source, manifest, document: value, contents: {} };
    const place = (path: readonly string[]) => positionOf(source.text, document.offsetOf({ path, at: 'value' }));
    const { inlined, contents } = inlineFiles(manifest.change, value, source, place, readFileSync, report);
    return { source, manifest, document: inlined, contents };
  });
}

function positionOf(text: string, offset: number): SourcePosition {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** The same manifest in two files would count as whichever came last. */
function reportNamesakes(
  loaded: readonly LoadedManifest[],
  report: (problem: ManifestProblem, text: string) => void,
): void {
  const first = new Map<string, LoadedManifest>();
  for (const each of loaded) {
    const { kind, name, position } = each.manifest;
    const before = first.get(`${kind} ${name}`);
    if (before === undefined) first.set(`${kind} ${name}`, each);
    else {
      const found = `a second ${kind} "${name}"`;
      const expected = `each once; the first is in ${before.source.name}`;
      report(
        {
          file: each.source.name,
          position,
          path: 'metadata.name',
          found,
          expected,
          suggestion: null,
          says: `found ${found}, expected ${expected}`,
        },
        each.source.text,
      );
    }
  }
}

function mistaken(mistakes: readonly { readonly problem: ManifestProblem; readonly text: string }[]): CliError {
  const files = [...new Set(mistakes.map(({ problem }) => problem.file))];
  return new CliError('usage', `${count(mistakes.length, 'mistake')} in ${names(files)}`, {
    code: 'manifest-invalid',
    extract: mistakes.flatMap(({ problem, text }) => renderProblem(problem, text).split('\n')),
    problems: mistakes.map(({ problem }) => problem),
    remedy: 'Nothing was sent.',
  });
}
