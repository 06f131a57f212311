import { useState } from 'react';
import { faultOf } from '../api/apiClient.ts';
import { useConsole, useLive } from '../console.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { SignInForm } from './SignIn.tsx';

/** Who is signed in, with the way out; or, to an anonymous viewer, the way in. */
export function WhoIsHere() {
  const { feed } = useConsole();
  const session = useLive((live) => live.session);
  const [asking, setAsking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  if (session === null) return null;
  if (session.session === null) {
    return (
      <>
        <button type="button" onClick={() => setAsking(true)}>
          Sign in
        </button>
        {asking && (
          <Dialog title="Sign in" close={() => setAsking(false)}>
            <p className="fine">You are reading as anybody may here. To act, sign in with your token.</p>
            <SignInForm done={() => setAsking(false)} />
          </Dialog>
        )}
      </>
    );
  }
  const { person, role } = session.session;
  const leave = () => {
    feed.signOut().catch((error: unknown) => setFault(faultOf(error).message));
  };
  return (
    <span className="who">
      <span className="person" title={fault ?? `signed in as ${person}, ${role}`}>
        {person} <span className="fine">{role}</span>
      </span>
      <button type="button" className="quiet" onClick={leave}>
        Sign out
      </button>
    </span>
  );
}
