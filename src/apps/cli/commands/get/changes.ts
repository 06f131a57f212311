import { shortDigest } from '../../../../core/kernel/digest.ts';
import { type ChangeBody, listChanges } from '../../../../wire/http/change.ts';
import { irreversibleFacts } from '../../present/approvalLines.ts';
import { type Fact, facts } from '../../present/facts.ts';
import { moment } from '../../present/words.ts';
import type { Run } from '../../tree/runner.ts';
import { showList } from './showList.ts';
import { unknownName } from './unknownName.ts';

export const getChanges: Run<{ limit: number }, [name?: string]> = async (context, { limit }, name) => {
  const client = await context.client();
  if (name === undefined) {
    return showList(context, await client.list(listChanges, {}, limit), {
      columns: [
        { title: 'DIGEST' },
        { title: 'NAME', shrinkTo: 12 },
        { title: 'SERVICE' },
        { title: 'ROLES', shrinkTo: 8 },
        { title: 'AUTHOR', shrinkTo: 8 },
        { title: 'STATE' },
      ],
      row: ({ digest, name, service, roles, author, quarantine }) => [
        shortDigest(digest),
        name,
        service,
        roles.join(', '),
        author,
        quarantine === null ? { text: '-', tone: 'plain' } : { text: 'quarantined', tone: 'bad' },
      ],
      none: 'No change is registered yet. "ringfence apply -f FILE" registers one.',
    });
  }
  const { items } = await client.list(listChanges, {}, Number.POSITIVE_INFINITY);
  const change =
    items.find((each) => each.name === name) ??
    (name.length >= 6 ? items.find((each) => isPrefix(name, each.digest)) : undefined);
  if (change === undefined)
    throw unknownName(
      'change',
      name,
      items.flatMap((each) => [each.name, shortDigest(each.digest)]),
      'ringfence get changes',
    );
  context.output.document(change);
  context.output.lines(facts(changeFacts(change), context.output.width));
  return 'done';
};

function isPrefix(text: string, digest: string): boolean {
  return digest.startsWith(text) || digest.startsWith(`sha256:${text}`);
}

function changeFacts(change: ChangeBody): Fact[] {
  const { quarantine } = change;
  return [
    ['change', { text: change.name, tone: 'strong' }],
    ['digest', change.digest],
    ['service', change.service],
    ['roles', change.roles.join(', ')],
    ...Object.entries(change.slots).map(([slot, digest]): Fact => ['slots', `${slot}: ${digest}`]),
    ['reason', change.reason || '-'],
    ...irreversibleFacts(change.irreversible),
    ['author', change.author],
    ...(quarantine === null
      ? []
      : [
          [
            'quarantine',
            { text: `since ${moment(quarantine.at)} by ${quarantine.rollout}: ${quarantine.says}`, tone: 'bad' },
          ] as const,
        ]),
  ];
}
