import { type FormEvent, useState } from 'react';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Fault } from '../parts/Fault.tsx';

interface SayDialogProps {
  readonly title: string;
  readonly says: string;
  readonly confirm: string;
  readonly tone?: 'plain' | 'bad';
  readonly refused?: readonly string[];
  /** Rejects with an ApiFault. */
  readonly act: () => Promise<void>;
  readonly close: () => void;
}

/** One confirmation of what needs no reason. */
export function SayDialog({ title, says, confirm, tone = 'plain', refused = [], act, close }: SayDialogProps) {
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await act();
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
        {fault !== null && <Fault fault={fault} />}
        <div className="actions">
          <button type="submit" className={tone === 'bad' ? 'danger' : 'primary'} disabled={isBusy} data-autofocus>
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
