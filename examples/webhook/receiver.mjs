#!/usr/bin/env node
// Takes Ringfence's webhooks and runs a command for each operation: a whole system on the other side of a `webhook/…` slot.
//
//   node receiver.mjs --listen 127.0.0.1:4700 --secret ./webhook.secret --state ./state -- ./deploy.sh
//
// The command is run with RINGFENCE_VERB (apply or undo), RINGFENCE_TARGET (its name), RINGFENCE_SERVICE, RINGFENCE_ROLE, RINGFENCE_LABELS (JSON),
// RINGFENCE_REVISION (empty: what was there before the first apply) and RINGFENCE_FILE, which holds the bytes of the revision. What it ends
// with decides: 0 is done. It needs nothing but Node 20 or newer.

import { execFile } from 'node:child_process';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals: command } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1:4700' },
    secret: { type: 'string', default: './webhook.secret' },
    state: { type: 'string', default: './state' },
    /** Seconds that one operation may take. */
    within: { type: 'string', default: '600' },
  },
  allowPositionals: true,
});
const [program, ...args] = command;
if (program === undefined) {
  process.stderr.write('receiver: say after -- which command carries an operation out\n');
  process.exit(2);
}

const MAX_BODY = 32 * 1024 * 1024;
const secrets = () =>
  readFileSync(values.secret, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('whsec_'))
    .map((line) => Buffer.from(line.slice(6), 'base64'));

const macOf = (secret, id, timestamp, body) =>
  createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest();

/** Standard Webhooks: one of our secrets signed it, and not more than five minutes ago. */
function isSigned({ headers }, body) {
  const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']];
  if (!id || !(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false;
  const given = String(headers['webhook-signature'] ?? '')
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .map((each) => Buffer.from(each.slice(3), 'base64'));
  return secrets().some((secret) => {
    const right = macOf(secret, id, timestamp, body);
    return given.some((mac) => mac.length === right.length && timingSafeEqual(mac, right));
  });
}

/** What is remembered of one target, on the disk: what it holds, and the newest operation that was taken. */
class Target {
  constructor(name) {
    this.folder = join(values.state, createHash('sha256').update(name).digest('hex').slice(0, 16));
    mkdirSync(this.folder, { recursive: true });
    this.file = join(this.folder, 'state.json');
    const state = existsSync(this.file) ? JSON.parse(readFileSync(this.file, 'utf8')) : {};
    this.revision = state.revision ?? null;
    this.operation = state.operation ?? null;
    // Whoever ran it is gone: how far it came nobody knows, so it has failed.
    if (this.operation?.state === 'running') this.end(this.operation, 'failed', 'the receiver ended while it ran');
  }

  /** Written beside it and renamed, so that a crash leaves the old state or the new. */
  save() {
    writeFileSync(`${this.file}.new`, JSON.stringify({ revision: this.revision, operation: this.operation }), {
      flush: true,
    });
    renameSync(`${this.file}.new`, this.file);
  }

  contentFile(revision) {
    return join(this.folder, revision === null ? 'before' : revision.replace(':', '-'));
  }

  status(wantsContent = false) {
    const content =
      wantsContent && this.revision !== null
        ? { base64: readFileSync(this.contentFile(this.revision)).toString('base64') }
        : {};
    return { revision: this.revision, operation: this.operation, ...content };
  }

  end(operation, state, says) {
    operation.state = state;
    operation.says = says.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
    this.save();
  }

  start(id, verb, data) {
    const revision = data.revision ?? null;
    const bytes = data.base64 === undefined ? Buffer.from(data.content ?? '') : Buffer.from(data.base64, 'base64');
    writeFileSync(this.contentFile(revision), bytes, { flush: true });
    const operation = { id, state: 'running', says: '' };
    this.operation = operation;
    this.save();
    const { name, service, role, labels } = data.target;
    const env = {
      ...process.env,
      RINGFENCE_VERB: verb,
      RINGFENCE_TARGET: name,
      RINGFENCE_SERVICE: service,
      RINGFENCE_ROLE: role,
      RINGFENCE_LABELS: JSON.stringify(labels),
      RINGFENCE_REVISION: revision ?? '',
      RINGFENCE_FILE: this.contentFile(revision),
    };
    const limits = { timeout: Number(values.within) * 1000, killSignal: 'SIGKILL', maxBuffer: 1024 * 1024, env };
    execFile(program, args, limits, (error, stdout, stderr) => {
      if (error === null) this.revision = revision;
      this.end(operation, error === null ? 'done' : 'failed', error === null ? stdout : stderr || error.message);
      process.stdout.write(`${name}: ${verb} ${revision ?? 'what was there before'}: ${operation.state}\n`);
      if (data.callback !== undefined) callBack(data.callback, operation);
    });
  }
}

/** Says that it is over, so that nobody has to ask. When that does not arrive they ask. */
function callBack(url, { id, state }) {
  const body = JSON.stringify({
    type: 'ringfence.finished',
    timestamp: new Date().toISOString(),
    data: { operation: id, state },
  });
  const timestamp = Math.floor(Date.now() / 1000);
  const [secret] = secrets();
  const headers = {
    'content-type': 'application/json',
    'webhook-id': `finished-${id}`,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${macOf(secret, `finished-${id}`, timestamp, body).toString('base64')}`,
  };
  fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) }).catch(() => {});
}

const targets = new Map();
function targetOf({ service, name }) {
  const key = `${service}/${name}`;
  if (!targets.has(key)) targets.set(key, new Target(key));
  return targets.get(key);
}

/** The whole of what both sides agree on. */
function answer(id, { type, data }) {
  const target = targetOf(data.target);
  if (type === 'ringfence.status') return [200, target.status(data.wantsContent)];
  if (type === 'ringfence.check') return [204];
  const verb = { 'ringfence.apply': 'apply', 'ringfence.undo': 'undo' }[type];
  if (verb === undefined) return [422, { says: `there is no message ${type}` }];
  // Sent again: it was taken already.
  if (target.operation?.id === id) return [200, target.status()];
  // One at a time, and none that does not follow the newest: it came late.
  const follows = data.follows ?? null;
  if (target.operation?.state === 'running' || follows !== (target.operation?.id ?? null))
    return [409, target.status()];
  target.start(id, verb, data);
  return [202, target.status()];
}

const server = createServer(async (request, response) => {
  const send = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body));
  try {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
      size += chunk.length;
      if (size > MAX_BODY) return send(413, { says: 'too long' });
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    if (!isSigned(request, body)) return send(401, { says: 'the signature is not right' });
    send(...answer(String(request.headers['webhook-id']), JSON.parse(body.toString('utf8'))));
  } catch (error) {
    send(500, { says: error.message });
  }
});
const [host, port] = values.listen.split(/:(?=\d+$)/);
server.listen(Number(port), host, () => {
  const { address, port } = server.address();
  process.stdout.write(`receiver: listens on http://${address}:${port}\n`);
});
