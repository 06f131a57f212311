import { askBreakGlass, confirmBreakGlass, endBreakGlass, listApprovals, sayApproval } from './approval.ts';
import { getArtifact } from './artifact.ts';
import { getBlame } from './blame.ts';
import { getCaller } from './caller.ts';
import { listCatalogs, removeCatalog } from './catalog.ts';
import { getChange, listChanges } from './change.ts';
import { foreseeRollout } from './deed.ts';
import { getFreezeCalendar, listFreezes, removeFreeze } from './freeze.ts';
import { getHalt, haltLine, liftHalt } from './halt.ts';
import { getHealth, getMetrics, getOpenApi, getReadiness } from './health.ts';
import { getJudgedRollout } from './judge.ts';
import { listKeys, retireKey, rotateKey } from './key.ts';
import { followEvents } from './live.ts';
import { getCheckpoint, readLog, signCheckpoint, verifyLog } from './log.ts';
import { applyManifests } from './manifest.ts';
import { evaluateFlag, evaluateFlags } from './ofrep.ts';
import type { Operation } from './operation.ts';
import { exportMetrics } from './otlp.ts';
import { getPastRollout, listPastRollouts } from './past.ts';
import { listPeople } from './people.ts';
import { listPipelines } from './pipeline.ts';
import { planRollout } from './plan.ts';
import {
  getRollout,
  listRollouts,
  pauseRollout,
  promoteRollout,
  resumeRollout,
  revokeEvidence,
  rollbackRollout,
  startRollout,
} from './rollout.ts';
import { getService, listServices } from './service.ts';
import { getSession, signIn, signOut } from './session.ts';
import { listSources } from './source.ts';
import { getTarget, listTargets, retireTarget } from './target.ts';
import { issueToken, listTokens, revokeToken } from './token.ts';

/** Everything the HTTP API does, in the order in which it is documented. */
export const OPERATIONS: readonly Operation[] = [
  applyManifests,
  listServices,
  getService,
  listSources,
  exportMetrics,
  listCatalogs,
  removeCatalog,
  listPipelines,
  listChanges,
  getChange,
  getArtifact,
  listTargets,
  getTarget,
  retireTarget,
  planRollout,
  listRollouts,
  getRollout,
  foreseeRollout,
  listPastRollouts,
  getPastRollout,
  startRollout,
  pauseRollout,
  resumeRollout,
  promoteRollout,
  revokeEvidence,
  rollbackRollout,
  getJudgedRollout,
  getBlame,
  listApprovals,
  sayApproval,
  askBreakGlass,
  confirmBreakGlass,
  endBreakGlass,
  getHalt,
  haltLine,
  liftHalt,
  listFreezes,
  getFreezeCalendar,
  removeFreeze,
  readLog,
  verifyLog,
  getCheckpoint,
  signCheckpoint,
  followEvents,
  listKeys,
  rotateKey,
  retireKey,
  getCaller,
  getSession,
  signIn,
  signOut,
  listPeople,
  listTokens,
  issueToken,
  revokeToken,
  evaluateFlag,
  evaluateFlags,
  getHealth,
  getReadiness,
  getMetrics,
  getOpenApi,
];
