import { place } from '../../src/core/kernel/place.ts';
import type { EventData } from '../../src/core/record/event.ts';
import type { LoggedRollout } from '../logBook.ts';
import type { Machine } from '../target/machine.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';
import { confirmedHere } from './confirmedHere.ts';
import { HeardReports } from './heardReports.ts';

/** What the server has known for so long it is expected to have reckoned with. */
const KNOWN_MS = 500;
/** A server that has been there for so long tells its targets when to go back; without one they go by themselves. */
const LEADS_MS = 25_000;

/**
 * Law 11: in no failure domain does a rollout order more targets to move than may be unavailable there, those counted that are away,
 * sick or under way already; and on the way back no more of those that are well go at once, as long as there is room in time.
 */
export function law11(truth: Truth): Judge {
  const heard = new HeardReports(() => truth.now);
  const lostAt = new Map<string, number>();
  /** How far each stage of each rollout was open before. */
  const opened = new Map<string, number>();
  /** Machines that were well and are going back, since when. */
  const goingBack = new Map<Machine, number>();
  /** When the way back of each rollout came a step further, and whether it had waited for that for so long that the floor gave way. */
  const released = new Map<string, { readonly at: number; readonly inTime: boolean }>();
  const deadlineOf = ({ pipeline }: LoggedRollout) =>
    Math.min(...pipeline.stages.map(({ applyDeadlineMs }) => applyDeadlineMs));
  const gaveWay = (rollout: LoggedRollout) => {
    const { at, inTime } = released.get(rollout.id) ?? { at: rollout.rollbackAt, inTime: true };
    return !inTime || truth.now - at >= deadlineOf(rollout);
  };
  const capacityOf = () => truth.scene.capacity;
  const domainOf = (machine: Machine) =>
    `${machine.role} in ${machine.labels[capacityOf()?.domain ?? ''] ?? 'no domain'}`;
  const budgetOf = (domain: string) => {
    const { unavailable } = capacityOf() ?? { unavailable: { count: Number.POSITIVE_INFINITY } };
    const inIt = truth.scene.machines.filter((machine) => domainOf(machine) === domain).length;
    return 'count' in unavailable ? unavailable.count : Math.floor(unavailable.share * inIt);
  };

  /** Known to do no work, or to be about to stop doing it: away, sick, or ordered to move and not there yet. */
  const isUnavailable = (server: string, uid: string, machine: Machine, rollout: LoggedRollout, wasOpen: boolean) => {
    const known = heard.of(server, uid);
    if (known === null) return truth.now - (lostAt.get(`${server} ${uid}`) ?? truth.now) >= KNOWN_MS;
    if (known.sickSince !== null && truth.now - known.sickSince >= KNOWN_MS) return true;
    return (
      wasOpen &&
      known.report.slots.some(
        ({ slot, current, phase, refusal }) =>
          rollout.slotRoles[slot]?.includes(machine.role) === true &&
          current !== rollout.change.slots[slot] &&
          phase !== 'failed' &&
          refusal === undefined,
      )
    );
  };

  const judgeOpening = (server: string, rollout: LoggedRollout, stage: number, below: number): string | null => {
    const key = `${rollout.id} ${stage}`;
    const from = opened.get(key) ?? 0;
    opened.set(key, below);
    const selector = rollout.pipeline.stages[stage]?.targets ?? {};
    const ordered = new Map<string, string[]>();
    const away = new Map<string, number>();
    for (const [uid, name] of truth.log.targets) {
      const machine = truth.machineOf(uid);
      if (machine === null || !rollout.change.roles.includes(machine.role)) continue;
      const domain = domainOf(machine);
      const where = place(rollout.id, uid);
      const selected = Object.entries(selector).every(([label, values]) =>
        values.includes(machine.labels[label] ?? ''),
      );
      const isNew = selected && where >= from && where < below;
      const wasOpen = !isNew && truth.log.openedStage(rollout, uid, machine.role, machine.labels) !== null;
      if (isUnavailable(server, uid, machine, rollout, wasOpen)) away.set(domain, (away.get(domain) ?? 0) + 1);
      else if (isNew && heard.of(server, uid)?.sickSince === null)
        ordered.set(domain, [...(ordered.get(domain) ?? []), name]);
    }
    for (const [domain, names] of ordered) {
      const budget = budgetOf(domain);
      const already = away.get(domain) ?? 0;
      if (already + names.length > budget)
        return `${rollout.id} orders ${names.join(' and ')} to move, ${already} others of ${domain} are unavailable, and ${budget} may be`;
    }
    return null;
  };

  return {
    take: (fact) => {
      heard.take(fact);
      if (capacityOf() === null) return null;
      if (fact.kind === 'server') lostAt.clear();
      if (fact.kind === 'lost') lostAt.set(`${fact.server} ${fact.uid}`, truth.now);
      if (fact.kind === 'held' && fact.after.running === fact.after.file) goingBack.delete(fact.machine);
      if (fact.kind === 'agent') goingBack.delete(fact.machine);
      if (fact.kind === 'undo') return judgeUndo(fact.machine, fact.slot, fact.to);
      if (fact.kind !== 'appended' || truth.scene.ringsAreLost) return null;
      for (const { type, data } of fact.events) {
        const rollout = truth.log.rollouts.get(String(data.id));
        if (rollout === undefined) continue;
        if (type === 'ReleaseWidened') released.set(rollout.id, { at: truth.now, inTime: !gaveWay(rollout) });
        if (type === 'RehearsalStarted')
          for (const key of opened.keys()) if (key.startsWith(`${rollout.id} `)) opened.delete(key);
        const isOpening = type === 'WaveOpened' || type === 'WaveWidened';
        if (!isOpening) continue;
        const { below } = data as unknown as EventData['WaveWidened'];
        const stage = type === 'WaveOpened' ? Number(data.stage) : rollout.stage;
        const says = judgeOpening(fact.server, rollout, stage, below);
        if (says !== null) return says;
      }
      return null;
    },
  };

  /** One that was well, confirmed and told to go back waits until its domain can do without it. */
  function judgeUndo(machine: Machine, slot: string, to: string): string | null {
    const { file, running } = machine.holding(slot);
    const ordered = [...truth.log.rollouts.values()].find(
      ({ phase, change }) => phase === 'rollingBack' && change.slots[slot] === running,
    );
    const host = truth.scene.hosts.find((each) => each.machine === machine);
    const isLed = truth.serverSince(LEADS_MS) !== null && host?.contact === true;
    const isWell =
      machine.isQuiet && !machine.probesBroken && machine.takeBack === null && file === running && !machine.hasLied;
    if (
      ordered === undefined ||
      gaveWay(ordered) ||
      !isLed ||
      !isWell ||
      to === running ||
      !confirmedHere(machine, slot, running)
    )
      return null;
    const domain = domainOf(machine);
    goingBack.set(machine, truth.now);
    const others = [...goingBack.keys()].filter((other) => other !== machine && domainOf(other) === domain);
    return others.length + 1 > budgetOf(domain)
      ? `${machine.name} goes back while ${others.map(({ name }) => name).join(' and ')} of ${domain} do, and ${budgetOf(domain)} may`
      : null;
  }
}
