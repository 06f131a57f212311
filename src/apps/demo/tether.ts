// Loaded before a child's own program (`node --import tether.ts …`): ends it when its standard input closes, that is, when the
// demo that holds the other end is gone, however it went. The program itself need not know.
import { Socket } from 'node:net';

/** How long a program may take to end in order before it is ended anyway. */
const GRACE_MS = 5000;

const lifeline = new Socket({ fd: 0, readable: true, writable: false });
lifeline.on('error', () => {});
lifeline.on('close', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
});
lifeline.resume();
lifeline.unref();
