// A service for tests whose figures are kept by prom-client. Prints its port when it listens; ends with its standard input.
//
//   POST /observed  [0.2, 0.7]  observes these in the histogram latency_seconds
//   POST /open      3           sets the gauge open
//   GET /metrics
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gauge, Histogram, Registry } from 'prom-client';

const registry = new Registry();
const latency = new Histogram({
  name: 'latency_seconds',
  help: 'How long it took.',
  buckets: [0.05, 0.1, 0.2, 0.5, 1, 2],
  registers: [registry],
});
const open = new Gauge({ name: 'open', help: 'What is under way.', registers: [registry] });

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', async () => {
    if (request.url === '/observed') for (const value of JSON.parse(body)) latency.observe(value);
    if (request.url === '/open') open.set(JSON.parse(body));
    if (request.url === '/metrics') response.setHeader('Content-Type', registry.contentType);
    response.end(request.url === '/metrics' ? await registry.metrics() : '');
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.resume().on('end', () => process.exit(0));
