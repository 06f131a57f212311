import { CHANGE_KINDS, type ChangeKindFacts } from '../../../../wire/manifest/changeKind.ts';
import type { ManifestKindName } from '../../../../wire/manifest/parsedManifest.ts';
import { type StyledLine, segment } from '../../terminal/styledLine.ts';
import type { Run } from '../../tree/runner.ts';
import { showList } from './showList.ts';
import { unknownName } from './unknownName.ts';

interface Kind extends Partial<ChangeKindFacts> {
  readonly kind: string;
  readonly of: 'manifest' | 'change';
  readonly says: string;
}

const MANIFESTS: Readonly<Record<ManifestKindName, string>> = {
  Service: 'what runs: its roles, slots, metrics and dependencies',
  Pipeline: 'the stages that a service’s changes must pass, and the checks that judge them',
  Change: 'a new revision for some slots of a service',
  Freeze: 'a span of the calendar in which nothing moves forward, once or again and again',
  Catalog: 'what another catalogue, such as Backstage, knows of who needs whom',
  Agent: 'what an agent keeps on its own machine; never sent to a server',
};

export const getKinds: Run<object, [name?: string]> = async (context, _options, name) => {
  const all: readonly Kind[] = [
    ...Object.entries(MANIFESTS).map(([kind, says]) => ({ kind, of: 'manifest', says }) as const),
    ...Object.entries(CHANGE_KINDS).map(([kind, facts]) => ({ kind, of: 'change', ...facts }) as const),
  ];
  const items = name === undefined ? all : all.filter(({ kind }) => kind === name);
  if (items.length === 0)
    throw unknownName(
      'kind',
      name ?? '',
      all.map(({ kind }) => kind),
      'ringfence get kinds',
    );
  const exit = showList(
    context,
    { items, more: false },
    {
      columns: [{ title: 'KIND' }, { title: 'OF' }, { title: 'WHAT IT IS', shrinkTo: 20 }],
      row: ({ kind, of, says }) => [kind, of, says],
      none: '',
    },
  );
  context.output.lines(items.flatMap(aboutChanges));
  return exit;
};

/** How changes of the kind are carried out; nothing for a kind of manifest. */
function aboutChanges({ kind, by, content, verified, undone }: Kind): readonly StyledLine[] {
  if (by === undefined) return [];
  const says = { 'carried out by': `the ${by}`, 'a slot holds': content, 'shown by': verified, 'undone by': undone };
  return [
    [],
    [segment(kind, 'strong')],
    ...Object.entries(says).map(([what, how]) => [segment(`  ${what.padEnd(14)}  `, 'faint'), segment(how ?? '')]),
  ];
}
