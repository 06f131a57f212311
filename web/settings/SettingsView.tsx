import { useLive } from '../console.ts';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { useMay } from '../shell/may.ts';
import { Keys } from './Keys.tsx';
import { Tokens } from './Tokens.tsx';

/** Who may do what here, and with which keys it is signed. */
export function SettingsView() {
  const session = useLive((live) => live.session?.session ?? null);
  const why = useMay('secure');
  return (
    <>
      <h1>Settings</h1>
      <Panel title="You">
        {session === null ? (
          <p>You are reading anonymously, as anybody may on this server.</p>
        ) : (
          <p>
            {session.person}, {session.role}, by the token <code>{session.token}</code>. Your session ends{' '}
            <Time at={session.expires} />, or when the token is revoked.
          </p>
        )}
      </Panel>
      {why === null ? (
        <Tokens />
      ) : (
        <Panel title="Tokens and people">
          <p className="reason wait">You may not see these: {why}.</p>
        </Panel>
      )}
      <Keys />
    </>
  );
}
