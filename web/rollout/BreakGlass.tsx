import { useState } from 'react';
import type { BreakGlassBody } from '../../src/wire/http/approval.ts';
import { useConsole } from '../console.ts';
import { Time } from '../parts/Time.tsx';
import { SayDialog } from './SayDialog.tsx';

interface BreakGlassProps {
  /** Id of a rollout, or the digest of a change that has not started. */
  readonly of: string;
  readonly pipeline: string;
  readonly asked: BreakGlassBody;
}

/** An emergency that one person has declared. It opens nothing until another confirms it. */
export function BreakGlass({ of, pipeline, asked }: BreakGlassProps) {
  const { client, feed } = useConsole();
  const [isAsking, setAsking] = useState(false);
  const subject = of.startsWith('sha256:') ? { of, pipeline } : { of };
  const confirm = async () => {
    await client.send('POST', '/v1/break-glass/confirm', subject);
    feed.refresh('approvals');
  };
  return (
    <div className="reason bad">
      <p>
        {asked.askedBy} asks for break-glass: {asked.reason}. Until <Time at={asked.expires} />.
      </p>
      <div className="actions">
        <button type="button" className="danger" onClick={() => setAsking(true)}>
          Confirm break-glass
        </button>
      </div>
      {isAsking && (
        <SayDialog
          title="Confirm break-glass?"
          says="Freezes, halts and approvals let it go on until it expires; it still passes its first stage. It is on the record under both your names."
          confirm="Confirm"
          tone="bad"
          act={confirm}
          close={() => setAsking(false)}
        />
      )}
    </div>
  );
}
