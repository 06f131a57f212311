import type { CheckBody } from '../../../wire/http/pipeline.ts';

/** What a check asks, with its margin: `share of failures in requests, up to 2 percentage points more`. */
export function sayCheck(check: CheckBody): string {
  const of = check.of === undefined ? '' : ` on ${check.of}`;
  return `${asked(check)}${of}`;
}

function asked(check: CheckBody): string {
  switch (check.kind) {
    case 'failureProportion':
      return `${check.failures} of ${check.total}, ${margin(check, ' percentage points', 100)}`;
    case 'eventRate':
      return `${check.events} a target and minute, ${margin(check)}`;
    case 'mean':
      return `mean of ${check.metric}, ${margin(check)}`;
    case 'quantile':
      return `p${Number((check.quantile * 100).toFixed(3))} of ${check.metric}, ${margin(check)}`;
    case 'health':
      return `health by ${check.metric}, ${margin(check, ' percentage points', 100)}`;
    case 'vanished':
      return `${check.events} must not stop: at least ${percent(check.atLeast)} of what is usual`;
  }
}

type Margined = Exclude<CheckBody, { readonly kind: 'vanished' }>;

function margin(check: Margined, unit = '', factor = 1): string {
  const { relative, absolute } = check.margin;
  const worse = 'worse' in check ? (check.worse ?? 'higher') : 'higher';
  const way = worse === 'either' ? 'more or less' : worse === 'lower' ? 'less' : 'more';
  const parts = [
    relative === undefined ? null : `${percent(relative)} ${way}`,
    absolute === undefined ? null : `${figure(absolute * factor)}${unit} ${way}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'no worse' : `up to ${parts.join(' or ')}`;
}

function percent(share: number): string {
  return `${figure(share * 100)} %`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
