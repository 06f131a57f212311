import type { Scene } from './scene.ts';

export interface Fault {
  /** For people, in the list of what a seed chose. */
  readonly says: string;
  /** Mean time between two of them. */
  readonly everyMs: number;
  /** Makes it happen; says what was done. What it changed for a while it changes back by itself, or in `heal`. */
  readonly strike: (scene: Scene) => string;
}

/** Every kind of fault. Those of {@link BEYOND} break laws that are not held yet, and happen only when asked for by name. */
export const FAULTS = {
  'agent-killed': {
    says: 'agents are killed between two steps',
    everyMs: 25_000,
    strike: (scene) => {
      const host = scene.anyAgent();
      host.light(1 + scene.chance.below(12));
      scene.restartAgent(host, scene.chance.between(100, 15_000));
      return `agent of ${host.machine.name} will be killed within its next steps`;
    },
  },
  'agent-loops': {
    says: 'agents are killed again and again',
    everyMs: 90_000,
    strike: (scene) => {
      const host = scene.anyAgent();
      for (let times = 0; times < 6; times++) {
        scene.later(times * 4_000 + scene.chance.between(0, 3_000), () => {
          host.kill();
          scene.restartAgent(host, 300);
        });
      }
      return `agent of ${host.machine.name} is killed six times in a row`;
    },
  },
  'machine-reboots': {
    says: 'whole machines lose power and come back',
    everyMs: 60_000,
    strike: (scene) => {
      const host = scene.anyAgent();
      const awayMs = scene.chance.pick([scene.chance.between(2_000, 20_000), scene.chance.between(30_000, 150_000)]);
      host.kill(true);
      scene.later(awayMs, () => {
        host.machine.restartService();
        host.start();
      });
      return `${host.machine.name} loses power for ${seconds(awayMs)}`;
    },
  },
  'agent-lies': {
    says: 'an agent says it did what it was told, and does nothing',
    everyMs: 200_000,
    strike: (scene) => {
      const { machine } = scene.anyAgent();
      // Only one that holds nothing new yet: what it holds, it then holds for good.
      machine.lies = true;
      return `agent of ${machine.name} lies from now on`;
    },
  },
  'agent-disk-full': {
    says: 'disks of targets fill up',
    everyMs: 50_000,
    strike: (scene) => {
      const { machine } = scene.anyAgent();
      machine.diskFull = true;
      const forMs = scene.chance.between(3_000, 40_000);
      scene.later(forMs, () => {
        machine.diskFull = false;
      });
      return `the disk of ${machine.name} is full for ${seconds(forMs)}`;
    },
  },
  'agent-clock': {
    says: 'clocks of targets jump',
    everyMs: 40_000,
    strike: (scene) => {
      const { machine } = scene.anyAgent();
      machine.wall.offsetMs = Math.round(scene.chance.between(-5, 5) * 3_600_000);
      return `the clock of ${machine.name} is ${seconds(machine.wall.offsetMs)} off`;
    },
  },
  partition: {
    says: 'targets are cut off',
    everyMs: 40_000,
    strike: (scene) => {
      const share = scene.chance.pick([0.1, 0.3, 1]);
      const names = scene.chance.some(scene.machines, share).map(({ name }) => name);
      const forMs = scene.chance.pick([scene.chance.between(2_000, 20_000), scene.chance.between(20_000, 120_000)]);
      for (const name of names) scene.network.cut.add(name);
      scene.later(forMs, () => {
        for (const name of names) scene.network.cut.delete(name);
      });
      return `${names.length === 0 ? 'nobody is' : `${names.join(', ')}: `}cut off for ${seconds(forMs)}`;
    },
  },
  weather: {
    says: 'messages of those who poll are lost, repeated and late',
    everyMs: 60_000,
    strike: (scene) => {
      const { weather } = scene.network;
      Object.assign(weather, { lose: 0.2, repeat: 0.2, late: 0.15 });
      scene.later(30_000, () => Object.assign(weather, { lose: 0, repeat: 0, late: 0 }));
      return 'messages are lost, repeated and late for 30 s';
    },
  },
  'connection-breaks': {
    says: 'connections break, noticed late or never by the server',
    everyMs: 20_000,
    strike: (scene) => {
      const host = scene.anyAgent();
      const noticedMs = scene.chance.pick([10, 5_000, null]);
      host.link?.connection?.break(noticedMs);
      return `the connection of ${host.machine.name} breaks, noticed by the server ${noticedMs === null ? 'by silence alone' : `after ${seconds(noticedMs)}`}`;
    },
  },
  'server-killed': {
    says: 'the server is killed between two steps',
    everyMs: 45_000,
    strike: (scene) => {
      const server = scene.anyServer();
      server.light(1 + scene.chance.below(20));
      scene.restartServer(server, scene.chance.between(200, 20_000));
      return `${server.name} will be killed within its next steps`;
    },
  },
  'server-disk-full': {
    says: "the server's disk fills up",
    everyMs: 90_000,
    strike: (scene) => {
      const forMs = scene.chance.between(1_000, 30_000);
      scene.database.full = true;
      scene.later(forMs, () => {
        scene.database.full = false;
      });
      return `the disk of the control plane is full for ${seconds(forMs)}`;
    },
  },
  'two-servers': {
    says: 'two servers run on one store',
    everyMs: 50_000,
    strike: (scene) => {
      scene.secondServer(scene.chance.between(5_000, 60_000));
      return 'a second server starts on the same store';
    },
  },
  'slow-apply': {
    says: 'everything agents do to their targets takes ten times as long',
    everyMs: 80_000,
    strike: (scene) => {
      const machines = scene.chance.some(scene.machines, 0.5);
      for (const machine of machines) machine.slowness = 10;
      scene.later(40_000, () => {
        for (const machine of machines) machine.slowness = 1;
      });
      return `${machines.length} targets are ten times slower for 40 s`;
    },
  },
  'probes-break': {
    says: 'health probes break, at one target or at all at once',
    everyMs: 100_000,
    strike: (scene) => {
      const machines = scene.chance.happens(0.3) ? scene.machines : [scene.anyAgent().machine];
      for (const machine of machines) machine.probesBroken = true;
      scene.later(20_000, () => {
        for (const machine of machines) machine.probesBroken = false;
      });
      return `the probes of ${machines.length} targets are broken for 20 s`;
    },
  },
  'high-load': {
    says: 'load doubles for a while',
    everyMs: 60_000,
    strike: (scene) => {
      scene.setLoad(2);
      scene.later(30_000, () => scene.setLoad(1));
      return 'load doubles for 30 s';
    },
  },
  'server-clock': {
    says: "the control plane's clock jumps",
    everyMs: 60_000,
    strike: (scene) => {
      scene.serverWall.offsetMs = Math.round(scene.chance.between(-1, 1) * 600_000);
      return `the clock of the control plane is ${seconds(scene.serverWall.offsetMs)} off`;
    },
  },
  'corrupt-rings': {
    says: 'the store hands back rings that are not those that were written',
    everyMs: 80_000,
    strike: (scene) => {
      scene.rings = 'open';
      scene.anyServer().kill();
      scene.restartServer(scene.anyServer(), 1_000);
      return 'the server restarts, and its store hands back every ring wide open';
    },
  },
  'stale-rings': {
    says: 'the store hands back the rings of another time',
    everyMs: 120_000,
    strike: (scene) => {
      scene.rings = 'stale';
      scene.anyServer().kill();
      scene.restartServer(scene.anyServer(), 1_000);
      return 'the server restarts, and its store hands back each stage with the ring of the next';
    },
  },
  'machine-loops': {
    says: 'whole machines reboot again and again',
    everyMs: 120_000,
    strike: (scene) => {
      const host = scene.anyAgent();
      const times = 3 + scene.chance.below(4);
      for (let time = 0; time < times; time++) {
        scene.later(time * 9_000 + scene.chance.between(0, 4_000), () => {
          host.kill(true);
          host.machine.restartService();
          host.startAfter(scene.chance.between(500, 4_000));
        });
      }
      return `${host.machine.name} reboots ${times} times in a row`;
    },
  },
  reinstalled: {
    says: 'targets are installed anew under their old names',
    everyMs: 110_000,
    strike: (scene) => {
      const host = scene.anyAgent();
      host.kill(true);
      host.machine.reinstall();
      host.startAfter(scene.chance.between(1_000, 20_000));
      return `${host.machine.name} is installed anew`;
    },
  },
  'files-edited': {
    says: 'people edit files of targets by hand',
    everyMs: 70_000,
    strike: (scene) => {
      const { machine } = scene.anyAgent();
      const slot = scene.chance.pick([...machine.slots.keys()]);
      const bytes = Buffer.from(`${slot} as somebody wants it on ${machine.name} at ${Math.round(scene.loop.now)}`);
      if (!machine.edit(slot, bytes)) return `somebody wants to edit ${slot} on ${machine.name}, and finds it busy`;
      const noticed = scene.chance.happens(0.5);
      if (noticed) machine.reload(slot);
      return `somebody edits ${slot} on ${machine.name}${noticed ? ', and has it reloaded' : ''}`;
    },
  },
  'taken-back': {
    says: 'people at targets take back what they hold, asking nobody',
    everyMs: 90_000,
    strike: (scene) => {
      const { machine } = scene.anyAgent();
      machine.takeBack ??= { id: `at ${Math.round(scene.loop.now)}`, at: scene.loop.now };
      return `somebody at ${machine.name} takes back what it holds`;
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[];

/** Faults under which a law is known not to hold yet, each with the gap. They happen only with `--beyond`. */
export const BEYOND: Readonly<Partial<Record<FaultKind, string>>> = {
  'server-clock':
    "law 4 and all deadlines go by the control plane's wall clock: one that jumps ahead cuts a bake short",
};

export const HELD_FAULTS: readonly FaultKind[] = FAULT_KINDS.filter((kind) => BEYOND[kind] === undefined);

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
