import type { TemplateFacts } from '../../../../core/topology/labelTemplate.ts';

/** Who the target is in places where kinds are proven. */
export const PLACE_TARGET: TemplateFacts = {
  name: 'shop-eu-1',
  service: 'shop',
  role: 'web',
  labels: { region: 'eu', ring: 'canary' },
};
