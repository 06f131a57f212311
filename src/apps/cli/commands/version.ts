import { getHealth } from '../../../wire/http/health.ts';
import { CliError } from '../cliError.ts';
import type { Run } from '../tree/runner.ts';
import { readVersion } from '../version.ts';

/** How long a server may take to say what it is. */
const PATIENCE_MS = 2_000;

export const version: Run<object, []> = async ({ output, client: connect }) => {
  const client = await connect();
  const { server } = client.connection;
  const answer = await client.call(getHealth, {}, PATIENCE_MS).catch((error: unknown) => {
    if (error instanceof CliError) return error;
    throw error;
  });
  const answered = answer instanceof CliError ? null : answer.version;
  output.document({ program: readVersion(), node: process.versions.node, server: { url: server, version: answered } });
  output.say(`ringfence ${readVersion()} (Node ${process.versions.node})`);
  output.say(answered === null ? `server ${server}: does not answer` : `server ${server}: ${answered}`);
  return 'done';
};
