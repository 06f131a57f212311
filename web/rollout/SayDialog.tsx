import { type FormEvent, type ReactNode, useState } from 'react';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Fault } from '../parts/Fault.tsx';

interface SayDialogProps {
  readonly title: string;
  readonly says: string;
  readonly confirm: string;
  readonly tone?: 'plain' | 'bad';
  /** Why it would be refused now. It may be tried all the same: the server decides. */
  readonly refused?: readonly string[];
  /** Given what was filled in. Rejects with an ApiFault. */
  readonly act: (filled: FormData) => Promise<void>;
  readonly close: () => void;
  /** What is to be filled in, one of it with `data-autofocus`; left out: nothing, and to confirm is one key. */
  readonly children?: ReactNode;
}

/** One confirmation. A refusal is shown in its place. */
export function SayDialog({
  title,
  says,
  confirm,
  tone = 'plain',
  refused = [],
  act,
  close,
  children,
}: SayDialogProps) {
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const filled = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await act(filled);
      close();
    } catch (error) {
      setFault(faultOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} tone={tone} close={close}>
      <form onSubmit={submit} className="stack">
        <p>{says}</p>
        {refused.map((why) => (
          <p key={why} className="reason wait">
            It would be refused now: {why}
          </p>
        ))}
        {children}
        {fault !== null && <Fault fault={fault} />}
        <div className="actions">
          <button
            type="submit"
            className={tone === 'bad' ? 'danger' : 'primary'}
            disabled={isBusy}
            data-autofocus={children === undefined ? true : undefined}
          >
            {confirm} <kbd>Enter</kbd>
          </button>
          <button type="button" onClick={close}>
            Leave it <kbd>Esc</kbd>
          </button>
        </div>
      </form>
    </Dialog>
  );
}
