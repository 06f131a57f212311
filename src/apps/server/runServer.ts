import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SignerError } from '../../engine/ports/signer.ts';
import { StoreError } from '../../engine/ports/store.ts';
import { listenForSignals } from '../listenForSignals.ts';
import type { ServerIo, ServerOptions } from './serverOptions.ts';
import { type RunningServer, startServer } from './startServer.ts';
import { StartupError } from './startupError.ts';

/** How long running requests and connected agents get to finish at the end. */
const CLOSING_MS = 10_000;

/**
 * Runs a server until a signal ends it. Resolves with the process's exit code: 0 after a whole end, 1 when it could not start,
 * was overtaken by another control plane, or could not finish in time; whoever calls it then exits. A second signal ends the
 * process at once: the record is safe at any moment.
 */
export async function runServer(options: ServerOptions, io: ServerIo): Promise<number> {
  const ending = listenForSignals(io.stderr);
  try {
    const server = await startServer(options, io);
    try {
      writePidFile(options.pidFile);
      io.stdout.write(options.json ? readyLine(server) : readyWords(server, options));
      const overtaken = server.overtaken.then((says) => {
        throw new StartupError(`${says}. It ends; start it again to go on from what is on the record.`);
      });
      const signal = await Promise.race([ending.signal, overtaken]);
      io.stderr.write(options.logLevel === 'silent' ? '' : `ringfence: ${signal}, ending (once more: at once)\n`);
    } finally {
      if (options.pidFile !== null) rmSync(options.pidFile, { force: true });
      await withinBound(server.close());
    }
    return 0;
  } catch (error) {
    if (!(error instanceof StartupError || error instanceof StoreError || error instanceof SignerError)) throw error;
    io.stderr.write(`ringfence server: ${error.message}\n`);
    return 1;
  } finally {
    ending.stop();
  }
}

async function withinBound(closing: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(
        new StartupError(`not everything ended within ${CLOSING_MS / 1000} s; ended anyway. The record is whole.`),
      ),
    CLOSING_MS,
  );
  try {
    await Promise.race([closing, late]);
  } finally {
    clearTimeout(timer);
  }
}

function writePidFile(file: string | null): void {
  if (file === null) return;
  try {
    writeFileSync(file, `${process.pid}\n`);
  } catch (error) {
    throw new StartupError(`cannot write ${file} (--pid-file): ${(error as Error).message}`, { cause: error });
  }
}

/** For launchers: one line of JSON. */
function readyLine({ httpUrl, opampUrl, adminToken }: RunningServer): string {
  return `${JSON.stringify({ ready: true, pid: process.pid, http: httpUrl, opamp: opampUrl, adminToken: adminToken?.shown ?? null })}\n`;
}

function readyWords({ httpUrl, opampUrl, adminToken }: RunningServer, options: ServerOptions): string {
  const lines = [
    `Ringfence ${options.version} is ready.`,
    `  console and API  ${httpUrl}`,
    `  agents           ${opampUrl}`,
    `  record           ${resolve(options.dataDirectory)}`,
  ];
  if (adminToken?.shown)
    lines.push('', 'An admin token, shown this once (only its hash is kept):', '', `  ${adminToken.shown}`, '');
  else if (adminToken !== null) lines.push(`  admin token      in ${options.adminTokenFile}`);
  return `${lines.join('\n')}\n`;
}
