import { useState } from 'react';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { useConsole } from '../console.ts';
import { Fault } from '../parts/Fault.tsx';
import { useMay } from './may.ts';

/** Opens the line again; says who may if the reader may not. */
export function LiftHalt() {
  const { client, feed } = useConsole();
  const [fault, setFault] = useState<ApiFault | null>(null);
  const why = useMay('goOn');
  const lift = () => {
    client.send('DELETE', '/v1/halt').then(
      () => feed.refresh('halt'),
      (error: unknown) => setFault(faultOf(error)),
    );
  };
  return (
    <>
      <button type="button" onClick={lift} disabled={why !== null} title={why ?? undefined}>
        Lift the halt
      </button>
      {fault !== null && <Fault fault={fault} />}
    </>
  );
}
