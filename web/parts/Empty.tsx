import type { ReactNode } from 'react';

/** Says what is not there, and what would put it there. */
export function Empty({ says, children }: { readonly says: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p>{says}</p>
      {children !== undefined && <p className="fine">{children}</p>}
    </div>
  );
}
