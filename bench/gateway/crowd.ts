// A crowd of agents in one process of its own, told what to do by messages from its parent.
import { newUid } from '../../src/wire/opamp/instanceUid.ts';
import { CrowdAgent, CrowdScript } from './crowdAgent.ts';
import type { CrowdOrder, CrowdWord } from './crowdOrder.ts';
import { WebSocketClient } from './webSocketClient.ts';

/** Connections that are opened at the same time. */
const AT_ONCE = 100;
/** The acknowledgement of the bare broadcast. */
const ACK = Buffer.alloc(100, 1);

const clients: WebSocketClient[] = [];
let said = 0;

function tell(word: CrowdWord): void {
  process.send?.(word);
}

async function connect(order: Extract<CrowdOrder, { order: 'connect' }>): Promise<void> {
  const script = new CrowdScript(order.service, order.slot, order.metrics);
  let next = 0;
  const opener = async () => {
    while (next < order.agents) await open(order, script, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, opener));
  tell({ word: 'connected', agents: clients.length });
}

async function open(
  order: Extract<CrowdOrder, { order: 'connect' }>,
  script: CrowdScript,
  index: number,
): Promise<void> {
  const onClose = () => tell({ word: 'closed', index });
  if (order.speaks === 'bare') {
    const onMessage = (_: Buffer, client: WebSocketClient) => client.send(ACK);
    clients.push(await WebSocketClient.open(order, onMessage, onClose));
    return;
  }
  const random = new Uint8Array(16);
  new DataView(random.buffer).setUint32(8, order.from + index);
  const uid = newUid(order.at, random);
  let agent: CrowdAgent | null = null;
  const client = await WebSocketClient.open(order, (payload) => agent?.hear(payload), onClose);
  agent = new CrowdAgent(script, uid, `agent-${order.from + index}`, order.slot, (frame) => {
    said++;
    client.send(frame);
  });
  clients.push(client);
  agent.introduce();
}

process.on('message', (order: CrowdOrder) => {
  if (order.order === 'connect')
    connect(order).catch((error: unknown) => tell({ word: 'failed', says: String(error) }));
  if (order.order === 'stall') for (const client of clients.slice(0, order.agents)) client.stall();
  if (order.order === 'count') tell({ word: 'said', messages: said });
});
process.on('disconnect', () => process.exit(0));
