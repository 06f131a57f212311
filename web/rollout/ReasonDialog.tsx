import { type ComponentProps, useId } from 'react';
import { SayDialog } from './SayDialog.tsx';

interface ReasonDialogProps extends Omit<ComponentProps<typeof SayDialog>, 'act' | 'children'> {
  readonly reasonNeeded: boolean;
  /** What stands there at first: to confirm is one key. */
  readonly reason?: string;
  /** Rejects with an ApiFault. */
  readonly act: (reason: string) => Promise<void>;
}

/** One confirmation, with the reason that goes on the record. */
export function ReasonDialog({ reasonNeeded, reason = '', act, ...rest }: ReasonDialogProps) {
  const id = useId();
  return (
    <SayDialog {...rest} act={(filled) => act(String(filled.get('reason') ?? '').trim())}>
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
    </SayDialog>
  );
}
