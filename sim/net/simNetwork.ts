import type { DurationMs } from '../../src/core/kernel/instant.ts';
import type { Chance } from '../kernel/chance.ts';
import type { EventLoop } from '../kernel/eventLoop.ts';
import type { Gateway } from '../server/gateway.ts';

/** How badly the network treats single messages of those who poll. Probabilities. */
export interface Weather {
  lose: number;
  repeat: number;
  late: number;
}

/** Between the targets and the servers. Streams keep their order or break; single messages get lost, repeated, overtaken. */
export class SimNetwork {
  readonly loop: EventLoop;
  readonly chance: Chance;
  readonly weather: Weather = { lose: 0, repeat: 0, late: 0 };
  /** Names of targets that nothing goes to or comes from. */
  readonly cut = new Set<string>();
  readonly #gateways: Gateway[] = [];

  constructor(loop: EventLoop, chance: Chance) {
    this.loop = loop;
    this.chance = chance;
  }

  get latencyMs(): DurationMs {
    return this.chance.between(1, 40);
  }

  attach(gateway: Gateway): void {
    this.#gateways.push(gateway);
  }

  detach(gateway: Gateway): void {
    const index = this.#gateways.indexOf(gateway);
    if (index !== -1) this.#gateways.splice(index, 1);
  }

  /** Where the servers' address leads at this moment: to one of those that run. */
  route(): Gateway | null {
    return this.#gateways.length === 0 ? null : this.chance.pick(this.#gateways);
  }
}
