import { type FormEvent, useId, useState } from 'react';
import { faultOf } from '../api/apiClient.ts';
import { useConsole } from '../console.ts';

/** Before anything may be seen. `says`: why one is here again. */
export function SignIn({ says }: { readonly says: string | null }) {
  return (
    <section className="panel sign-in" aria-labelledby="sign-in">
      <h1 id="sign-in">Sign in</h1>
      {says !== null && <p className="fault">You are signed out: {says}</p>}
      <p>
        The control plane shows its first token when it first starts; further ones are made in Settings, or with{' '}
        <code>ringfence token create</code>.
      </p>
      <SignInForm done={() => undefined} />
      <p className="fine">
        The token is exchanged for a session of this browser, for twelve hours at most. It is stored nowhere.
      </p>
    </section>
  );
}

export function SignInForm({ done }: { readonly done: () => void }) {
  const { feed } = useConsole();
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const id = useId();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const token = String(new FormData(form).get('token') ?? '').trim();
    form.reset();
    if (token === '') return;
    setBusy(true);
    try {
      await feed.signIn(token);
      done();
    } catch (error) {
      setFault(faultOf(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className="sign-in-form">
      <label htmlFor={id}>Token</label>
      <input id={id} name="token" type="password" autoComplete="off" spellCheck={false} data-autofocus required />
      <button type="submit" className="primary" disabled={isBusy}>
        Sign in
      </button>
      {fault !== null && (
        <p className="fault" role="alert">
          That did not work: {fault}
        </p>
      )}
    </form>
  );
}
