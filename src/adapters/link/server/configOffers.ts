import { create } from '@bufbuild/protobuf';
import type { Fleet } from '../../../engine/ports/fleet.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import { type AgentRemoteConfig, AgentRemoteConfigSchema } from '../../../wire/opamp/generated/opamp_pb.ts';
import type { ForeignConfig } from './foreignConfig.ts';

/** Whole configurations that are offered now: each is fetched once for all agents that are to hold it. */
const KEPT = 16;

export class ConfigOffers {
  readonly #fleet: Pick<Fleet, 'artifact'>;
  readonly #logger: Logger;
  readonly #kept = new Map<string, Promise<AgentRemoteConfig | null>>();

  constructor(fleet: Pick<Fleet, 'artifact'>, logger: Logger) {
    this.#fleet = fleet;
    this.#logger = logger;
  }

  /** The message for a configuration; `null` when the bytes of a file cannot be had now. Never rejects. */
  async messageOf(config: ForeignConfig): Promise<AgentRemoteConfig | null> {
    const made = this.#kept.get(config.hash) ?? this.#make(config);
    this.#kept.delete(config.hash);
    this.#kept.set(config.hash, made);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    const message = await made;
    if (message === null) this.#kept.delete(config.hash);
    return message;
  }

  async #make(config: ForeignConfig): Promise<AgentRemoteConfig | null> {
    const files: [string, { body: Uint8Array }][] = [];
    for (const { name, slot, artifact } of config.files) {
      if (artifact === null) continue;
      try {
        const body = await this.#fleet.artifact(artifact);
        if (body === null) throw new Error('there is no such artifact');
        files.push([name, { body }]);
      } catch (error) {
        const says = error instanceof Error ? error.message : String(error);
        this.#logger.error(`cannot offer ${slot} to agents: ${says}`, { slot, artifact });
        return null;
      }
    }
    const configMap = Object.fromEntries(files);
    return create(AgentRemoteConfigSchema, { config: { configMap }, configHash: Uint8Array.fromHex(config.hash) });
  }
}
