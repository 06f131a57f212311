import { join } from 'node:path';
import { listTargets } from '../../wire/http/target.ts';
import type { Glyphs } from '../cli/terminal/glyphs.ts';
import type { DemoDirectory } from './demoDirectory.ts';
import type { DemoPorts } from './demoPorts.ts';
import { type DemoScreen, part, timed } from './demoScreen.ts';
import { DiskWatch } from './diskWatch.ts';
import { eventually } from './eventually.ts';
import { FLEET } from './fleetLayout.ts';
import { type ControlPlane, startAgents, startControlPlane, startShops } from './parts.ts';
import { EXAMPLES } from './programs.ts';
import { ringfenceCommand } from './ringfenceCommand.ts';
import type { RunningFleet } from './runningFleet.ts';
import type { Supervisor } from './supervisor.ts';
import { refusalsOf } from './tellChanges.ts';
import { Traffic } from './traffic.ts';

/** To each shop. With 24 of them some 600 requests a second in all: lively, and a fraction of one processor. */
const REQUESTS_PER_SECOND = 25;

export interface Started {
  readonly controlPlane: ControlPlane;
  readonly fleet: RunningFleet;
}

/** Starts everything, telling what is there. Resolves when every target is enrolled and its counters arrive. */
export async function startParts(
  supervisor: Supervisor,
  directory: DemoDirectory,
  ports: DemoPorts,
  screen: DemoScreen,
  glyphs: Glyphs,
  cleanup: AsyncDisposableStack,
): Promise<Started> {
  const startedAtMs = Date.now();
  let now = 'starting the control plane and the first shop';
  screen.live(() => timed([part(`${glyphs.active} `, 'active'), part(now)], Date.now() - startedAtMs, screen.width));
  const there = (what: string, says: string) =>
    screen.lines(
      timed(
        [part(`${glyphs.done} `, 'good'), part(what.padEnd(15), 'strong'), part(says)],
        Date.now() - startedAtMs,
        screen.width,
      ),
    );

  const starting = startControlPlane(supervisor, directory, ports).then((controlPlane) => {
    there('control plane', `${controlPlane.server}; agents connect to port ${ports.opampPort}`);
    return controlPlane;
  });
  const [controlPlane, shops] = await Promise.all([
    starting,
    startShops(supervisor, directory, (count) => {
      now = `${count} of ${FLEET.length} shops have started`;
    }),
  ]);
  there('24 shops', '12 web, 12 api; 2 in canary, 6 in pilot, 16 in broad');

  const traffic = new Traffic(REQUESTS_PER_SECOND);
  cleanup.defer(() => traffic.stop());
  for (const { instance, port } of shops) traffic.add(instance, port);
  const disks = new DiskWatch(shops.map(({ instance, files }) => ({ name: instance.name, path: files.config })));
  cleanup.defer(() => disks.stop());
  there('traffic', `${REQUESTS_PER_SECOND} requests a second to each shop`);

  now = 'registering the service and its pipeline';
  const login = { server: controlPlane.server, token: controlPlane.adminToken };
  const manifests = ['service.yaml', 'pipeline.yaml', 'good-change.yaml'].flatMap((name) => [
    '-f',
    join(EXAMPLES, name),
  ]);
  await ringfenceCommand(['apply', ...manifests], login);
  now = 'starting the agents, eight in each region';
  await startAgents(supervisor, directory, controlPlane, shops);
  await eventually('24 enrolled targets', supervisor.ended, async () => {
    const { items } = await controlPlane.api.list(listTargets, { service: 'shop' }, 1000);
    const here = items.filter(({ connected, report }) => connected && report !== null).length;
    now = `${here} of ${FLEET.length} targets are enrolled`;
    return here === FLEET.length ? here : null;
  });
  there('24 agents', 'enrolled and connected, eight in each of eu, us and ap');

  now = 'waiting for every target’s counters';
  await eventually('a plan without a refusal', supervisor.ended, async () => {
    const refusals = await refusalsOf(controlPlane, 'more-results');
    now = refusals[0] === undefined ? now : `not yet ready: ${refusals[0].says}`;
    return refusals.length === 0 ? true : null;
  });
  there('ready', 'every target’s counters arrive, and a rollout may start');
  screen.live(null);
  return { controlPlane, fleet: { shops, traffic, disks } };
}
