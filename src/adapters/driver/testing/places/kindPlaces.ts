import type { AgentKind } from '../../../../wire/manifest/changeKind.ts';
import type { MakePlace, PlaceTraits } from '../../contract/kindPlace.ts';
import type { DriverTools } from '../../driverTools.ts';
import { configFilePlace, configServicePlace, noConfigFilePlace } from './configPlace.ts';
import { packagePlace } from './packagePlace.ts';
import { scriptPlace } from './scriptPlace.ts';
import { templatePlace } from './templatePlace.ts';
import { webhookPlace } from './webhookPlace.ts';

export interface Place {
  readonly make: (tools: DriverTools) => MakePlace;
  readonly traits: PlaceTraits;
  /** Its steps are those of another place: nobody is killed here. */
  readonly spared?: true;
}

/** Where each kind is proven. A kind without a place does not compile. */
export const KIND_PLACES: { readonly [Kind in AgentKind]: Readonly<Record<string, Place>> } = {
  config: {
    'a file': { make: configFilePlace, traits: {} },
    'no file at first': { make: noConfigFilePlace, traits: {} },
    'a service': { make: configServicePlace, traits: {} },
  },
  package: {
    'a link to something else': { make: packagePlace({ legacy: true }), traits: {} },
    'nothing at first': { make: packagePlace({ legacy: false }), traits: {}, spared: true },
  },
  script: {
    'two files that belong together': {
      make: scriptPlace,
      traits: { halvesUntilUndone: 'what a killed script leaves is half of what it does' },
    },
  },
  template: { 'a file': { make: templatePlace, traits: {} } },
  webhook: {
    'a system that holds nothing of ours': { make: webhookPlace({ held: false }), traits: {} },
    'a system that was rolled out to before': { make: webhookPlace({ held: true }), traits: {} },
  },
};
