import { listSources, type SourceStatusBody } from '../../../../wire/http/source.ts';
import { type Fact, facts } from '../../present/facts.ts';
import { ago, count } from '../../present/words.ts';
import { type StyledLine, segment, type Tone } from '../../terminal/styledLine.ts';
import type { Run } from '../../tree/runner.ts';
import { type Listing, showList } from './showList.ts';
import { unknownName } from './unknownName.ts';

/** What a state is called; a fault's word says what is wrong already. */
const STATE_WORDS: Readonly<Record<SourceStatusBody['state'], string>> = {
  ok: 'ok',
  waiting: 'waiting',
  'source-down': 'down',
  'source-slow': 'slow',
  'source-error': 'error',
  'clock-skew': 'skewed',
};

interface Given {
  readonly limit: number;
  readonly service?: string;
}

export const getSources: Run<Given, [name?: string]> = async (context, { limit, service }, name) => {
  const client = await context.client();
  const query = service === undefined ? {} : { service };
  const { items, more } = await client.list(listSources, query, name === undefined ? limit : Number.POSITIVE_INFINITY);
  if (name === undefined) {
    const exit = showList(context, { items, more }, listing(Date.now()));
    context.output.lines(items.flatMap(whatIsWrong));
    return exit;
  }
  const found = items.filter((each) => each.name === name || keyOf(each) === name);
  if (found.length === 0) throw unknownName('source', name, items.map(keyOf), 'ringfence get sources');
  context.output.document(found.length === 1 ? found[0] : { items: found, more: false });
  for (const source of found) context.output.lines(facts(sourceFacts(source, Date.now()), context.output.width));
  return 'done';
};

const listing = (now: number): Listing<SourceStatusBody> => ({
  columns: [
    { title: 'SERVICE' },
    { title: 'SOURCE' },
    { title: 'KIND' },
    { title: 'STATE' },
    { title: 'SINCE' },
    { title: 'LAST ANSWER' },
    { title: 'METRICS', shrinkTo: 12 },
  ],
  row: (source: SourceStatusBody) => [
    source.service,
    source.name,
    source.kind,
    { text: STATE_WORDS[source.state], tone: toneOf(source.state) },
    ago(source.since, now),
    source.lastAnswerAt === null ? 'none' : ago(source.lastAnswerAt, now),
    source.metrics.map(({ metric }) => metric).join(', '),
  ],
  none: 'No service has metrics from Prometheus, Alertmanager or OpenTelemetry.',
});

function whatIsWrong({ service, name, state, says }: SourceStatusBody): readonly StyledLine[] {
  if (says === '') return [];
  return [[segment(`${service}/${name}: `, 'strong'), segment(says, toneOf(state))]];
}

function sourceFacts(source: SourceStatusBody, now: number): Fact[] {
  const { state, url, lastAnswerAt } = source;
  return [
    ['source', { text: keyOf(source), tone: 'strong' }],
    ['kind', source.kind],
    ...(url === null ? [] : [['url', url] satisfies Fact]),
    ['state', { text: `${STATE_WORDS[state]}, since ${ago(source.since, now)}`, tone: toneOf(state) }],
    ['last answer', lastAnswerAt === null ? 'none since the server started' : ago(lastAnswerAt, now)],
    ...source.metrics.map((each): Fact => {
      const says = each.says === '' ? '' : `; ${each.says}`;
      const text = `${each.metric}: ${STATE_WORDS[each.state]}, of ${count(each.targets, 'target')}${says}`;
      return ['metrics', { text, tone: toneOf(each.state) }];
    }),
  ];
}

function toneOf(state: SourceStatusBody['state']): Tone {
  return state === 'ok' ? 'good' : state === 'waiting' ? 'faint' : 'bad';
}

function keyOf({ service, name }: SourceStatusBody): string {
  return `${service}/${name}`;
}
