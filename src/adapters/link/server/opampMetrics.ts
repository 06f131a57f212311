/** What a server has done since it started, and what it holds now. Plain numbers: whoever exposes them chooses the format. */
export interface OpampMetrics {
  /** Now. */
  connections: number;
  agentsConnected: number;
  agentsRemembered: number;
  /** Since the start. */
  messagesReceived: number;
  messagesSent: number;
  assignmentsEncoded: number;
  configsOffered: number;
  fullStateAsked: number;
  duplicateUids: number;
  introductionsRefused: number;
  malformed: number;
  oversizeReceived: number;
  oversizeNotSent: number;
  unauthorized: number;
  throttled: number;
  rateLimited: number;
  slowClosed: number;
  silentLost: number;
  artifactsServed: number;
}

export function newMetrics(): OpampMetrics {
  return {
    connections: 0,
    agentsConnected: 0,
    agentsRemembered: 0,
    messagesReceived: 0,
    messagesSent: 0,
    assignmentsEncoded: 0,
    configsOffered: 0,
    fullStateAsked: 0,
    duplicateUids: 0,
    introductionsRefused: 0,
    malformed: 0,
    oversizeReceived: 0,
    oversizeNotSent: 0,
    unauthorized: 0,
    throttled: 0,
    rateLimited: 0,
    slowClosed: 0,
    silentLost: 0,
    artifactsServed: 0,
  };
}
