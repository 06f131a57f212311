import { type ReactNode, useEffect, useId, useRef } from 'react';

interface DialogProps {
  readonly title: string;
  readonly tone?: 'plain' | 'bad';
  readonly close: () => void;
  readonly children: ReactNode;
}

/** A question before everything else. The browser keeps the focus in it, and gives it back; Escape closes it. */
export function Dialog({ title, tone = 'plain', close, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} className={tone} aria-labelledby={id} onClose={close}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
