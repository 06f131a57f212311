import { formatDuration } from '../../../core/kernel/instant.ts';
import type { EventBody } from '../../../wire/http/log.ts';
import { getRollout, type RolloutViewBody } from '../../../wire/http/rollout.ts';
import type { ApiClient } from '../apiClient.ts';
import { CliError } from '../cliError.ts';
import { pages } from '../commands/log.ts';
import type { Exit } from '../exitCodes.ts';
import { StageNames } from '../present/eventLine.ts';
import { hasEnded, rolloutState } from '../present/rolloutState.ts';
import type { Context } from '../tree/runner.ts';
import { createTeller } from './createTeller.ts';
import { type LiveEvent, liveEvents } from './liveEvents.ts';
import type { Teller } from './teller.ts';
import { untilInterrupted } from './untilInterrupted.ts';

/**
 * Tells what happens in a rollout, from its beginning, until it ends. Only looks: whatever ends the watching, the rollout goes on.
 * `timeoutMs`: how long to watch at most.
 */
export async function watchRollout(
  { output }: Context,
  client: ApiClient,
  first: RolloutViewBody,
  timeoutMs: number | undefined,
): Promise<Exit> {
  using interruption = untilInterrupted();
  const timeout = timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)];
  const ending = AbortSignal.any([interruption.signal, ...timeout]);
  const stages = new StageNames();
  stages.learnPlan(first.rollout.id, first.rollout.plan);
  using teller = createTeller(output, stages.name);
  const view = await follow(client, first, ending, teller);
  const { rollout } = view;
  if (hasEnded(rollout)) {
    const completed = rollout.phase === 'completed';
    teller.end(
      view,
      completed ? 'completed' : 'rolledBack',
      completed ? `${rollout.id} completed` : `${rollout.id} was rolled back (${rollout.rollback?.code ?? 'unknown'})`,
    );
    return completed ? 'done' : 'rolledBack';
  }
  if (interruption.signal.aborted) {
    teller.end(
      view,
      'interrupted',
      `no longer watching; ${rollout.id} goes on (to stop it: ringfence rollout pause ${rollout.id} --reason TEXT)`,
    );
    return 'interrupted';
  }
  const holds = rollout.holds.map(({ reason }) => reason).join(', ');
  const stands = `${rolloutState(rollout).word}${holds === '' ? '' : ` (${holds})`}`;
  teller.end(
    view,
    'unfinished',
    `no longer watching after ${formatDuration(timeoutMs ?? 0)}: ${rollout.id} is ${stands}, and goes on`,
  );
  return 'unfinished';
}

/** Resolves with how the rollout stands when it has ended or `ending` has come. */
async function follow(
  client: ApiClient,
  first: RolloutViewBody,
  ending: AbortSignal,
  teller: Teller,
): Promise<RolloutViewBody> {
  const { rollout } = first;
  const concerns = ({ stream }: EventBody) => stream === `rollout/${rollout.id}` || stream === 'line';
  let view = first;
  teller.rollout(view);
  if (hasEnded(rollout)) {
    await tellHistory(client, rollout.position, concerns, teller);
    return view;
  }
  for await (const live of liveEvents(client, rollout.position - 1, ending)) {
    teller.heard();
    if (live.kind === 'event' && !concerns(live.event)) continue;
    if (live.kind === 'rollout' && live.view.rollout.id !== rollout.id) continue;
    if (live.kind === 'connection') teller.connection(live.connected, live.says);
    if (live.kind === 'event') teller.event(live.event);
    if (live.kind === 'rollout') view = live.view;
    if (mayHaveChanged(live)) view = await refresh(client, view, ending);
    if (live.kind !== 'alive') teller.rollout(view);
    if (hasEnded(view.rollout)) return view;
  }
  return view;
}

/** Of a rollout that is over: from its first event to its last. */
async function tellHistory(
  client: ApiClient,
  from: number,
  concerns: (event: EventBody) => boolean,
  teller: Teller,
): Promise<void> {
  for await (const event of pages(client, from - 1)) {
    if (!concerns(event)) continue;
    teller.event(event);
    if (isEnd(event)) return;
  }
}

function isEnd({ type }: EventBody): boolean {
  return type === 'RolloutCompleted' || type === 'RolledBack';
}

/** Views come only when something in them changes: after a gap, and at the end, one asks. */
function mayHaveChanged(live: LiveEvent): boolean {
  if (live.kind === 'connection') return live.connected;
  return live.kind === 'event' && isEnd(live.event);
}

/** How it stands now; as it was known where the server is gone again: the stream says so, and comes back. */
async function refresh(client: ApiClient, view: RolloutViewBody, ending: AbortSignal): Promise<RolloutViewBody> {
  try {
    return await client.call(getRollout, { params: { id: view.rollout.id } });
  } catch (error) {
    if (ending.aborted || (error instanceof CliError && error.exit === 'unreachable')) return view;
    throw error;
  }
}
