import { APPROVING_ROLES, type ApprovalRule, START } from '../../core/policy/approval.ts';
import { always, asList, asMapping, fields, list, mistake } from './fields.ts';
import { name, oneOf, wholeNumber } from './scalars.ts';

const approval = fields('a mapping with before, role and count', {
  before: name.describe('start, or the name of a later stage'),
  role: oneOf(APPROVING_ROLES).describe('whose tokens may approve; an admin may stand in for any'),
  count: wholeNumber(1, 20).default(1).describe('how many different people; 1 if left out'),
});

/** One rule for each role and gate: two would leave open whether they add up. */
export const approvals = list(
  'a list of approvals such as [{ before: start, role: approver, count: 2 }]',
  approval,
  100,
)
  .superRefine((found: unknown, sink) => {
    const seen = new Map<string, number>();
    asList(found).forEach((item, index) => {
      const { before, role } = asMapping(item);
      const key = JSON.stringify([before, role]);
      const first = seen.get(key);
      if (first === undefined) seen.set(key, index);
      else mistake(sink, [index], `another role, or another stage, than at [${first}]`);
    });
  }, always)
  .optional()
  .describe('who is asked before a stage opens; left out: nobody');

type Sink = Parameters<typeof mistake>[0];

/** What is asked before a stage needs that stage; the first one opens with the start. */
export function approvalsFit(spec: unknown, sink: Sink): void {
  const { stages, approvals: asked } = asMapping(spec);
  const [first, ...later] = asList(stages).map((stage) => asMapping(stage).name);
  asList(asked).forEach((item, index) => {
    const { before } = asMapping(item);
    if (typeof before !== 'string' || before === START || later.includes(before)) return;
    const at = ['approvals', index, 'before'];
    if (before === first) {
      mistake(sink, at, `${START}: the first stage opens with it`);
      return;
    }
    const known = [START, ...later.filter((each) => typeof each === 'string')];
    mistake(sink, at, `one of: ${known.join(', ')}`, { word: before, known });
  });
  if (asList(asked).length > 0 && later.includes(START))
    mistake(sink, ['stages', 1 + later.indexOf(START), 'name'], `another name than ${START}, which approvals use`);
}

export function toApprovals(written: readonly ApprovalRule[] | undefined): {
  readonly approvals?: readonly ApprovalRule[];
} {
  return written === undefined ? {} : { approvals: written };
}
