import type { CheckpointBody, LogVerificationBody } from '../../../wire/http/log.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { type StyledLine, segment } from '../terminal/styledLine.ts';
import { type Fact, facts } from './facts.ts';
import { count, moment, names } from './words.ts';

/** What a verification found, in words: how far, by which key, when, and what nobody vouches for. */
export function verificationLines(
  found: LogVerificationBody,
  given: (CheckpointBody & { readonly file: string }) | null,
  width: number,
): StyledLine[] {
  if (found.outcome === 'broken')
    return facts([['broken', segment(`at event ${found.position}: ${found.says}`, 'bad')]], width);
  const { head, hash, signed, checkpoints, kept, unvouched } = found;
  const all: Fact[] = [
    ['intact', segment(`${count(head, 'event')}, every hash recomputed; the last is ${hash}`, 'good')],
  ];
  if (signed === null) {
    all.push(['signed', segment('nothing: there is no checkpoint yet', 'warn')]);
  } else {
    const rest = head - signed.position - 1;
    const many = `${count(checkpoints, 'checkpoint')}, ${checkpoints === 1 ? 'right' : 'all of them right'}`;
    all.push(['signed', `up to event ${signed.position}, at ${moment(signed.at)}, with key ${signed.key}; ${many}`]);
    all.push(
      signed.held
        ? ['key', `${signed.key} is among the server's own`]
        : ['key', segment(`${signed.key} is not held where the record is: ask whose it is`, 'warn')],
    );
    if (rest > 0) all.push(['unsigned', `${count(rest, 'event')} since; signed within a minute while the server runs`]);
  }
  if (kept !== null) all.push(['kept', `the record has the checkpoint kept beside the signing keys, of event ${kept}`]);
  if (given !== null) {
    const { position, at } = given.document;
    const when = `signed at ${moment(toInstant(at))} with key ${given.key}`;
    all.push(['given', segment(`the record has what ${given.file} says of event ${position}, ${when}`, 'good')]);
  }
  if (unvouched.length > 0)
    all.push([
      'keys',
      segment(`nothing vouches for signing ${unvouched.length === 1 ? 'key' : 'keys'} ${names(unvouched)}`, 'warn'),
    ]);
  return facts(all, width);
}
