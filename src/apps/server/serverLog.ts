import pino, { type Logger as PinoLogger } from 'pino';
import type { Logger } from '../../engine/ports/logger.ts';
import type { LogLevel, ServerIo } from './serverOptions.ts';

const SECRET_PATHS = [
  'authorization',
  'headers.authorization',
  'req.headers.authorization',
  '*.authorization',
  '*.headers.authorization',
  'secret',
  'token',
];

/** The server's log on stderr: lines of JSON for machines, words where a person is looking. Headers that carry tokens are blanked. */
export function createLog(level: LogLevel, stderr: ServerIo['stderr']): PinoLogger {
  const write =
    stderr.isTTY === true ? (line: string) => stderr.write(inWords(line)) : (line: string) => stderr.write(line);
  return pino({ level, base: null, redact: { paths: SECRET_PATHS, censor: '(hidden)' } }, { write });
}

/** The log as the engine's port has it. */
export function asPort(log: PinoLogger): Logger {
  return {
    debug: (message, data) => log.debug(data ?? {}, message),
    info: (message, data) => log.info(data ?? {}, message),
    warn: (message, data) => log.warn(data ?? {}, message),
    error: (message, data) => log.error(data ?? {}, message),
  };
}

const LEVEL_WORDS: Readonly<Record<number, string>> = {
  20: 'debug',
  30: 'info ',
  40: 'warn ',
  50: 'error',
  60: 'fatal',
};

function inWords(line: string): string {
  const { level, time, msg, ...rest } = JSON.parse(line) as { level: number; time: number; msg?: string };
  const data = Object.entries(rest).map(
    ([name, value]) =>
      ` ${name}=${typeof value === 'string' && /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value)}`,
  );
  return `${new Date(time).toTimeString().slice(0, 8)} ${LEVEL_WORDS[level] ?? level} ${msg ?? ''}${data.join('')}\n`;
}
