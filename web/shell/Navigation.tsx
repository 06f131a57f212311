import { Link, useLocation } from 'wouter';
import { useLive } from '../console.ts';
import { NAVIGATION, PLACES } from './places.ts';

/** Every view, and how much waits in some of them. */
export function Navigation() {
  const [path] = useLocation();
  const waiting = useLive(({ facts }) => facts?.approvals.filter(({ waitsForYou }) => waitsForYou).length ?? 0);
  const running = useLive(({ facts }) => facts?.rollouts.filter(({ endedAt }) => endedAt === null).length ?? 0);
  const counts: Readonly<Record<string, number>> = { [PLACES.overview()]: waiting, [PLACES.rollouts()]: running };
  const words: Readonly<Record<string, string>> = {
    [PLACES.overview()]: 'waiting for you',
    [PLACES.rollouts()]: 'under way',
  };
  return (
    <nav className="navigation" aria-label="Views">
      <ul>
        {NAVIGATION.map(({ says, to }) => {
          const isHere = to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`);
          const count = counts[to] ?? 0;
          return (
            <li key={to}>
              <Link href={to} aria-current={isHere ? 'page' : undefined}>
                {says}
                {count > 0 && (
                  <span className="badge">
                    {count}
                    <span className="unseen"> {words[to]}</span>
                  </span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
