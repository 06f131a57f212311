import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** The engine looks once a second and writes to a disk; a server that has just come up waits for who may be back in a moment. */
const SLACK_MS = 8_000;

/** Law 10: a target that was told and has gone quiet counts as failed when its deadline has passed: its rollout does not just go on. */
export function law10(truth: Truth): Judge {
  /** By server and uid: since when that server has not had it. */
  const lostAt = new Map<string, number>();
  return {
    take: (fact) => {
      if (fact.kind === 'reported' || fact.kind === 'heard') lostAt.delete(`${fact.server} ${fact.uid}`);
      if (fact.kind === 'lost') lostAt.set(`${fact.server} ${fact.uid}`, truth.now);
      // A new server knows nobody: for it, everybody has been gone since it started.
      if (fact.kind === 'server' && fact.up)
        for (const uid of truth.log.targets.keys()) lostAt.set(`${fact.server} ${uid}`, truth.now);
      return null;
    },
    look: () => {
      const server = truth.serverSince(SLACK_MS);
      if (server === null) return null;
      for (const rollout of truth.log.forward()) {
        for (const uid of truth.log.targets.keys()) {
          const since = lostAt.get(`${server} ${uid}`);
          const machine = truth.machineOf(uid);
          if (since === undefined || machine === null || rollout.absent.includes(uid)) continue;
          const stage = truth.log.openedStage(rollout, uid, machine.role, machine.labels);
          if (stage === null) continue;
          // A server whose store has lost its rings cannot know which stage a target is in.
          const { stages } = rollout.pipeline;
          const theirs = truth.scene.ringsAreLost ? stages : stages.slice(stage, stage + 1);
          const deadlineMs = Math.max(...theirs.map(({ applyDeadlineMs }) => applyDeadlineMs));
          const quietMs = truth.now - Math.max(since, rollout.waveAt);
          if (quietMs > deadlineMs + SLACK_MS)
            return `${rollout.id} goes on though ${machine.name}, which was told, has been gone for ${Math.round(quietMs / 1000)} s`;
        }
      }
      return null;
    },
  };
}
