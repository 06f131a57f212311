import { z } from 'zod';
import type { LargestStep, WaveSize } from '../../core/policy/pipeline.ts';
import { always, asList, asMapping, fields, list, mistake } from './fields.ts';
import { pattern } from './scalars.ts';
import { size } from './size.ts';

const SHARE = 'a share such as 25%';

/** `12.5%`, more than nothing and at most all. */
const share = pattern(SHARE, /^(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]{1,6})?)%$/)
  .refine((text) => Number.parseFloat(text) > 0, { error: SHARE })
  .transform((text) => Number.parseFloat(text) / 100);

const WAVE = 'a number of targets such as 1, a share such as 50%, or a share of the traffic such as { traffic: 10% }';

const wave = z.union([size, fields(WAVE, { traffic: share })], {
  error: WAVE,
}) satisfies z.ZodType<WaveSize>;

/**
 * Counts, then shares, each larger than the ones of its kind before it: how kinds compare depends on the fleet. What turns out to
 * add nobody is left out when it is planned.
 */
export const waves = list('a list of waves such as [1, { traffic: 10% }, 100%]', wave, 100).superRefine(
  (value: unknown, sink) => {
    const found = asList(value);
    if (!found.every(isWave)) return;
    const newest: { count?: number; share?: number; traffic?: number } = {};
    found.forEach((size, index) => {
      const counted = 'count' in size;
      const larger = counted
        ? size.count > (newest.count ?? 0) && newest.share === undefined && newest.traffic === undefined
        : 'share' in size
          ? size.share > (newest.share ?? 0)
          : size.traffic > (newest.traffic ?? 0);
      Object.assign(newest, size);
      if (!larger)
        mistake(
          sink,
          [index],
          'a wave larger than the one of its kind before it (numbers of targets first, then shares)',
        );
    });
    const last = found.at(-1);
    if (last !== undefined && (!('share' in last) || last.share !== 1))
      mistake(sink, [found.length - 1], '100% as the last wave: a stage always ends with all of its targets');
  },
  always,
);

function isWave(size: unknown): size is WaveSize {
  const figures = Object.values(asMapping(size));
  return figures.length === 1 && typeof figures[0] === 'number';
}

/** The most that may open at once, wherever in the pipeline. */
export const largestStep = fields('a mapping with traffic, targets or both', {
  traffic: share.optional().describe("of one role's traffic: at most so much may open at once"),
  targets: share.optional().describe('of the targets: at most so many may open at once'),
})
  .superRefine((found: unknown, sink) => {
    const { traffic, targets } = asMapping(found);
    if (traffic === undefined && targets === undefined)
      mistake(sink, [], 'traffic, targets or both', { found: 'neither of them' });
  }, always)
  .transform(({ traffic, targets }): LargestStep => {
    return { ...(traffic === undefined ? {} : { traffic }), ...(targets === undefined ? {} : { targets }) };
  });
