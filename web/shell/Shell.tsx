import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useLive } from '../console.ts';
import { Announcements } from './Announcements.tsx';
import { switchZone } from './clock.ts';
import { HelpOverlay } from './HelpOverlay.tsx';
import { useKeys } from './keys.ts';
import { Masthead } from './Masthead.tsx';
import { Navigation } from './Navigation.tsx';
import { Notices } from './Notices.tsx';
import { NAVIGATION } from './places.ts';
import { SignIn } from './SignIn.tsx';
import { Views } from './Views.tsx';

/** What stands around every view, and the view itself. */
export function Shell() {
  const [path, go] = useLocation();
  const [help, setHelp] = useState(false);
  const connection = useLive((live) => live.connection);
  const hasFacts = useLive(({ facts }) => facts !== null);
  useKeys([
    { keys: '?', says: 'all keys', group: 'Everywhere', action: () => setHelp(true) },
    { keys: 'z', says: 'switch between your time and UTC', group: 'Everywhere', action: switchZone },
    { keys: '/', says: 'filter what is listed', group: 'Everywhere', action: focusFilter },
    ...NAVIGATION.map(({ says, to, key }) => ({ keys: `g ${key}`, says, group: 'Go to', action: () => go(to) })),
  ]);
  const main = useRef<HTMLElement>(null);
  useViewFocus(path, main);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the view
      </a>
      <Masthead openHelp={() => setHelp(true)} />
      <Navigation />
      <Announcements />
      <main id="main" ref={main} tabIndex={-1} className={connection.kind === 'lost' ? 'stale' : ''}>
        <Notices />
        {connection.kind === 'signed-out' ? <SignIn says={connection.says} /> : hasFacts ? <Views /> : <Waiting />}
      </main>
      {help && <HelpOverlay close={() => setHelp(false)} />}
    </>
  );
}

function Waiting() {
  const isLost = useLive(({ connection }) => connection.kind === 'lost');
  return (
    <p className="waiting" aria-busy={!isLost}>
      {isLost ? 'Nothing to show: the control plane has not answered yet.' : 'Asking the control plane…'}
    </p>
  );
}

/** A new view is read from its beginning, also by those who cannot see it. */
function useViewFocus(path: string, main: React.RefObject<HTMLElement | null>): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}

function focusFilter(): void {
  document.querySelector<HTMLElement>('[data-filter]')?.focus();
}
