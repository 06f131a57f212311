import type { FastifyInstance } from 'fastify';
import type { ControlPlane, ManifestInput } from '../../../engine/ports/controlPlane.ts';
import { applyManifests } from '../../../wire/http/manifest.ts';
import type { ManifestProblemBody } from '../../../wire/http/problem.ts';
import type { ManifestProblem } from '../../../wire/manifest/manifestProblem.ts';
import type { ParsedManifest } from '../../../wire/manifest/parsedManifest.ts';
import { parseManifests } from '../../../wire/manifest/parseManifests.ts';
import { parseManifestValue } from '../../../wire/manifest/parseManifestValue.ts';
import { readTextBodies } from '../bodyParsers.ts';
import { granted, HttpProblem } from '../httpProblem.ts';
import { serve } from '../route.ts';

export function manifestRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  readTextBodies(app, applyManifests.textBodies);
  serve(app, applyManifests, async ({ actor, body }) => {
    const manifests = typeof body === 'string' ? readText(body) : readDocuments(body.documents);
    const problems: ManifestProblemBody[] = [];
    const inputs = manifests.flatMap((manifest, document) =>
      toInput(manifest, typeof body === 'string' ? null : document, problems),
    );
    if (problems.length > 0) throw manifestProblems(problems);
    return { applied: [...granted(await controlPlane.apply(actor, inputs))] };
  });
}

function readText(text: string): readonly ParsedManifest[] {
  const read = parseManifests(text, '');
  if (!read.ok) throw manifestProblems(read.error.map((problem) => toBody(problem, null)));
  return read.value;
}

function readDocuments(documents: readonly unknown[]): readonly ParsedManifest[] {
  const manifests: ParsedManifest[] = [];
  const problems: ManifestProblemBody[] = [];
  documents.forEach((document, index) => {
    const read = parseManifestValue(document);
    if (read.ok) manifests.push(read.value);
    else problems.push(...read.error.map((problem) => toBody(problem, index)));
  });
  if (problems.length > 0) throw manifestProblems(problems);
  return manifests;
}

/** What only a file may say is a mistake here: an agent's own manifest, and a path on the sender's machine. */
function toInput(
  manifest: ParsedManifest,
  document: number | null,
  problems: ManifestProblemBody[],
): readonly ManifestInput[] {
  const wrong = (path: string, found: string, expected: string) => {
    const says = `${path}: found ${found}, expected ${expected}`;
    problems.push({ document, position: manifest.position, path, found, expected, suggestion: null, says });
  };
  if (manifest.kind === 'Service') return [{ kind: 'Service', service: manifest.service }];
  if (manifest.kind === 'Pipeline') return [{ kind: 'Pipeline', pipeline: manifest.pipeline }];
  if (manifest.kind === 'Freeze') return [{ kind: 'Freeze', freeze: manifest.freeze }];
  if (manifest.kind === 'Catalog') return [{ kind: 'Catalog', catalog: manifest.catalog }];
  if (manifest.kind === 'Agent') {
    wrong(
      'kind',
      'Agent',
      'Service, Pipeline, Change, Freeze or Catalog; an Agent manifest stays beside its target and is never sent',
    );
    return [];
  }
  const { slots, ...change } = manifest.change;
  const bytes: Record<string, Uint8Array> = {};
  for (const [slot, content] of Object.entries(slots)) {
    if (content.kind === 'text') bytes[slot] = Buffer.from(content.text, 'utf8');
    else if (content.kind === 'bytes') bytes[slot] = Buffer.from(content.base64, 'base64');
    else wrong(`spec.slots["${slot}"]`, 'a file', 'content or base64; "ringfence apply" puts the file\'s bytes there');
  }
  return [{ kind: 'Change', change: { ...change, slots: bytes } }];
}

function toBody(
  { position, path, found, expected, suggestion, says }: ManifestProblem,
  document: number | null,
): ManifestProblemBody {
  return { document, position, path, found, expected, suggestion, says };
}

function manifestProblems(problems: readonly ManifestProblemBody[]): HttpProblem {
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more, see problems)`;
  return new HttpProblem('manifest-invalid', `${problems[0]?.says}${more}`, { problems: [...problems] });
}
