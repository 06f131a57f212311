import type { z } from 'zod';
import { assert } from '../../../core/kernel/assert.ts';
import type { DurationMs } from '../../../core/kernel/instant.ts';
import { type AgentReload, type AgentVerify, RELOAD_METHODS, RELOAD_SIGNALS } from '../agent.ts';
import { always, asMapping, fields, list, mistake, variants } from '../fields.ts';
import { duration, filePath, oneOf, pattern, text, url } from '../scalars.ts';
import type { PathsFrom, SlotSpans } from './slotFormat.ts';

/* How a service is told that there is something new for it, and how it is asked what it holds: the same for every kind that has a service. */

export const command = list('a list of the program and its arguments; no shell reads them', text, 256);
export const serviceUrl = url(['http', 'https']);
export const span = duration('24h');

export const reload = variants('a mapping with signal, command or http', ['signal', 'command', 'http'], {
  signal: oneOf(RELOAD_SIGNALS).optional(),
  pidFile: filePath.optional().describe('the file that holds the id of the process to signal'),
  command: command.optional(),
  http: fields('a mapping with url and method', {
    url: serviceUrl,
    method: oneOf(RELOAD_METHODS).default('POST'),
  }).optional(),
  timeout: span.optional().describe('how long the command or the request may take; 10s if left out'),
}).superRefine((found: unknown, sink) => {
  const { signal, pidFile, timeout } = asMapping(found);
  if (signal !== undefined && pidFile === undefined) {
    mistake(sink, ['pidFile'], 'the file that holds the id of the process to signal');
  }
  if (signal === undefined && pidFile !== undefined) {
    mistake(sink, ['pidFile'], 'it only with a signal', { name: true, found: 'pidFile' });
  }
  if (signal !== undefined && timeout !== undefined) {
    mistake(sink, ['timeout'], 'none with a signal, which waits for nothing', { name: true, found: 'a timeout' });
  }
}, always);

export const verify = fields('a mapping with http and within', {
  http: fields('a mapping with url and sha256Field', {
    url: serviceUrl,
    sha256Field: pattern(
      'the name of the field that holds the SHA-256, such as digest or config.digest',
      /^[^.]+(?:\.[^.]+)*$/,
    ),
  }),
  within: span
    .default(10_000)
    .describe('how long the service may take to say that it holds the new revision; 10s if left out'),
});

/** What every slot has whose service is told of a new revision. */
export const telling = {
  reload: reload.optional().describe('how the service is made to read the file again; left out: it watches the file'),
  restart: reload
    .optional()
    .describe(
      'how the service is started anew, when going back and a reload is not enough; left out: it is reloaded again',
    ),
  verify: verify.optional().describe('how the running service says what it holds; left out: the file is read back'),
};

export const watchFor = span
  .default(30_000)
  .describe('how long after its confirmation a failing check still takes a new revision back; 30s if left out');

export interface ServiceTelling {
  /** `null`: the service watches the file by itself. */
  readonly reload: AgentReload | null;
  /** On the way back, where a reload does not bring the old revision into force; `null`: then it is reloaded again. */
  readonly restart: AgentReload | null;
  /** `null`: the file is read back. */
  readonly verify: AgentVerify | null;
}

/** The same as it stands in a manifest. */
export interface WrittenTelling {
  readonly reload?: z.output<typeof reload> | undefined;
  readonly restart?: z.output<typeof reload> | undefined;
  readonly verify?: z.output<typeof verify> | undefined;
}

export function toTelling({ reload, restart, verify }: WrittenTelling): ServiceTelling {
  return {
    reload: reload === undefined ? null : toReload(reload),
    restart: restart === undefined ? null : toReload(restart),
    verify:
      verify === undefined
        ? null
        : { kind: 'http', url: verify.http.url, sha256Field: verify.http.sha256Field, withinMs: verify.within },
  };
}

function toReload({ signal, pidFile, command, http, timeout = 10_000 }: z.output<typeof reload>): AgentReload {
  if (signal !== undefined && pidFile !== undefined) return { kind: 'signal', signal, pidFile };
  if (command !== undefined) return { kind: 'command', command, timeoutMs: timeout };
  assert(http !== undefined, 'the schema lets through exactly one way to reload');
  return { kind: 'http', url: http.url, method: http.method, timeoutMs: timeout };
}

export function resolvedTelling(telling: ServiceTelling, from: PathsFrom): ServiceTelling {
  const resolved = (how: AgentReload | null): AgentReload | null => {
    if (how?.kind === 'signal') return { ...how, pidFile: from.path(how.pidFile) };
    return how?.kind === 'command' ? { ...how, command: from.command(how.command) } : how;
  };
  return { ...telling, reload: resolved(telling.reload), restart: resolved(telling.restart) };
}

export function tellingSpans({ reload, restart, verify }: ServiceTelling): SlotSpans {
  const verifyMs = verify?.withinMs ?? 0;
  return {
    applyMs: spanOf(reload),
    verifyMs,
    undoMs: Math.max(spanOf(reload), spanOf(restart)) + verifyMs,
    restarts: restart !== null,
  };
}

/** A signal waits for nothing. */
function spanOf(told: AgentReload | null): DurationMs {
  return told === null || told.kind === 'signal' ? 0 : told.timeoutMs;
}
