import { type FormEvent, useId, useState } from 'react';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Fault } from '../parts/Fault.tsx';

interface ReasonDialogProps {
  readonly title: string;
  readonly says: string;
  readonly confirm: string;
  readonly tone?: 'plain' | 'bad';
  readonly reasonNeeded: boolean;
  /** What stands there at first: to confirm is one key. */
  readonly reason?: string;
  /** Why it would be refused now. It may be tried all the same: the server decides. */
  readonly refused?: readonly string[];
  /** Rejects with an ApiFault. */
  readonly act: (reason: string) => Promise<void>;
  readonly close: () => void;
}

/** One confirmation, with the reason that goes on the record. A refusal is shown in its place. */
export function ReasonDialog({
  title,
  says,
  confirm,
  tone = 'plain',
  reasonNeeded,
  reason = '',
  refused = [],
  act,
  close,
}: ReasonDialogProps) {
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [isBusy, setBusy] = useState(false);
  const id = useId();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = String(new FormData(event.currentTarget).get('reason') ?? '').trim();
    setBusy(true);
    try {
      await act(given);
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
        <label htmlFor={id}>Why{reasonNeeded ? '' : ' (may be left out)'}</label>
        <input
          id={id}
          name="reason"
          defaultValue={reason}
          required={reasonNeeded}
          maxLength={1000}
          autoComplete="off"
          data-autofocus
          onFocus={({ target }) => target.select()}
        />
        {fault !== null && <Fault fault={fault} />}
        <div className="actions">
          <button type="submit" className={tone === 'bad' ? 'danger' : 'primary'} disabled={isBusy}>
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
