import type { Figure } from '../../adapters/http/metrics.ts';
import type { OpampMetrics } from '../../adapters/link/server/opampMetrics.ts';

type Described = readonly [name: string, kind: Figure['kind'], help: string];

/** What the agents' listener counts, as it is exposed. Exhaustive: a new count without its name does not compile. */
const DESCRIBED: { readonly [K in keyof OpampMetrics]: Described } = {
  connections: ['connections', 'gauge', 'Open WebSocket connections.'],
  agentsConnected: ['agents_connected', 'gauge', 'Agents connected now, by whichever transport.'],
  agentsRemembered: ['agents_remembered', 'gauge', 'Agents remembered, connected or not.'],
  messagesReceived: ['messages_received_total', 'counter', 'Messages from agents.'],
  messagesSent: ['messages_sent_total', 'counter', 'Messages to agents.'],
  assignmentsEncoded: [
    'assignments_encoded_total',
    'counter',
    'Assignments encoded; each goes to every agent of its role.',
  ],
  configsOffered: ['configs_offered_total', 'counter', 'Configurations offered to agents of other makes.'],
  fullStateAsked: ['full_state_asked_total', 'counter', 'Times that an agent was asked for its full state.'],
  duplicateUids: ['duplicate_uids_total', 'counter', 'Connections that came with the uid of another one that lives.'],
  introductionsRefused: ['introductions_refused_total', 'counter', 'Targets that were not let in.'],
  malformed: ['malformed_total', 'counter', 'Messages that could not be read.'],
  oversizeReceived: ['oversize_received_total', 'counter', 'Messages larger than is taken.'],
  oversizeNotSent: ['oversize_not_sent_total', 'counter', 'Messages larger than is sent.'],
  unauthorized: ['unauthorized_total', 'counter', 'Requests without a token of an agent.'],
  throttled: ['throttled_total', 'counter', 'Connections and requests turned away for want of room.'],
  rateLimited: ['rate_limited_total', 'counter', 'Messages that came too fast.'],
  slowClosed: ['slow_closed_total', 'counter', 'Connections closed because the agent took nothing in.'],
  silentLost: ['silent_lost_total', 'counter', 'Agents given up because they were silent.'],
  artifactsServed: ['artifacts_served_total', 'counter', 'Artifacts that agents downloaded.'],
};

export function opampFigures(metrics: Readonly<OpampMetrics>): readonly Figure[] {
  return Object.entries(DESCRIBED).map(([key, [name, kind, help]]) => ({
    name: `ringfence_opamp_${name}`,
    kind,
    help,
    value: () => metrics[key as keyof OpampMetrics],
  }));
}
