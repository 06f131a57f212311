import { useLive } from '../console.ts';
import { ConnectionState } from './ConnectionState.tsx';
import { localZoneName, switchZone, useZone } from './clock.ts';
import { WhoIsHere } from './WhoIsHere.tsx';

/** The name, whether what one sees is true now, and who one is. */
export function Masthead({ openHelp }: { readonly openHelp: () => void }) {
  const zone = useZone();
  const isSignedOut = useLive(({ connection }) => connection.kind === 'signed-out');
  return (
    <header className="masthead">
      <p className="brand">
        <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
          <circle className="ring outer" cx="16" cy="16" r="14" />
          <circle className="ring middle" cx="16" cy="16" r="9" />
          <circle className="core" cx="16" cy="16" r="4" />
        </svg>
        Ringfence
      </p>
      <ConnectionState />
      <div className="masthead-tools">
        <button type="button" className="quiet" onClick={switchZone} title="Whose clock times are by (z)">
          {zone === 'UTC' ? 'UTC' : localZoneName()}
        </button>
        <button type="button" className="quiet" onClick={openHelp} aria-label="All keys (?)" title="All keys (?)">
          ?
        </button>
        {!isSignedOut && <WhoIsHere />}
      </div>
    </header>
  );
}
