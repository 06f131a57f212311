import type { Judge } from './checker.ts';

/** Law 20: what is appended was decided on all that stands before it, and a control plane that another has overtaken appends no more. */
export function law20(): Judge {
  let head = 0;
  let latest = '';
  const overtaken = new Set<string>();
  const serving = new Set<string>();
  return {
    take: (fact) => {
      // A process that starts anew reads the whole log first.
      if (fact.kind === 'server') overtaken.delete(fact.server);
      if (fact.kind === 'server' && fact.up) serving.add(fact.server);
      if (fact.kind === 'server' && !fact.up) serving.delete(fact.server);
      if (fact.kind !== 'appended') return null;
      const { server, expected, events } = fact;
      const before = head;
      head = events.at(-1)?.position ?? head;
      if (expected !== before)
        return `${server} appends what it decided on a log that ended at ${expected}; it ends at ${before}`;
      if (overtaken.has(server)) return `${server} appends though another control plane had taken over`;
      if (server !== latest && serving.has(latest)) overtaken.add(latest);
      latest = server;
      return null;
    },
  };
}
