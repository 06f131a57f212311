import type { ApiUnderTest } from '../http/apiUnderTest.ts';
import type { BusyScene } from './busyScene.ts';

export interface ConsoleView {
  readonly name: string;
  readonly path: string;
  /** Something that is there once the view is. */
  readonly shows: string;
  /** By whom it is looked at; `null`: nobody is signed in. */
  readonly as: string | null;
  /** What is pressed once it is there. */
  readonly keys?: readonly string[];
}

/** Every view of the console, and the states of some that look otherwise. */
export function consoleViews(api: ApiUnderTest, { rollouts, people }: BusyScene): readonly ConsoleView[] {
  const change = [...api.controlPlane.world().changes.values()].find(({ name }) => name === 'patient-shop');
  const [approver, operator] = [people.bob ?? '', people.kim ?? ''];
  const target = [...api.controlPlane.world().targets.values()].find(({ name }) => name === 'shop-web-us-17');
  return [
    { name: 'overview', path: '/', shows: '[data-approval]', as: approver },
    { name: 'rollouts', path: '/rollouts', shows: 'tbody tr', as: approver },
    { name: 'rollout-held', path: `/rollouts/${rollouts.asks}`, shows: '.plot canvas', as: approver },
    { name: 'rollout-paused', path: `/rollouts/${rollouts.paused}`, shows: '[data-standing="paused"]', as: operator },
    { name: 'rollout-back', path: `/rollouts/${rollouts.back}`, shows: '.plot canvas', as: approver },
    { name: 'rollback-asked', path: `/rollouts/${rollouts.asks}`, shows: '.legend li', as: operator, keys: ['r'] },
    { name: 'plan', path: '/plan?change=patient-shop', shows: '.plan-stages', as: operator },
    { name: 'changes', path: '/changes', shows: 'tbody tr', as: approver },
    { name: 'change', path: `/changes/${change?.digest}`, shows: '.line', as: approver },
    { name: 'services', path: '/services', shows: '.graph .node', as: approver },
    { name: 'service', path: '/services/shop', shows: '.graph .centre', as: approver },
    { name: 'calendar', path: '/calendar', shows: '.day-freeze', as: approver },
    { name: 'targets', path: '/targets', shows: '.legend li', as: approver },
    { name: 'target', path: `/targets/${target?.uid}`, shows: '.chip', as: operator },
    { name: 'log', path: '/log', shows: '.entry', as: approver, keys: ['v'] },
    { name: 'settings', path: '/settings', shows: 'tbody tr', as: api.tokens.admin },
    { name: 'settings-forbidden', path: '/settings', shows: '.reason', as: approver },
    { name: 'keys', path: '/', shows: '[data-rollout]', as: approver, keys: ['?'] },
    { name: 'nothing-here', path: '/no/such/view', shows: '.empty', as: null },
    { name: 'anonymous', path: '/', shows: '[data-rollout]', as: null },
  ];
}
