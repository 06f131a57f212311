import { useState } from 'react';
import type { KeyBody, KeyPage } from '../../src/wire/http/key.ts';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { useConsole, useFacts } from '../console.ts';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Fault } from '../parts/Fault.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { useAnswer } from '../parts/useAnswer.ts';
import { SayDialog } from '../rollout/SayDialog.tsx';
import { useMay } from '../shell/may.ts';

/** With which keys permits, evidence and the record are signed: the halves that agents pin. */
export function Keys() {
  const { client } = useConsole();
  const last = useFacts(({ events }) => events.findLast(({ type }) => type.startsWith('SigningKey'))?.position ?? 0);
  const answer = useAnswer<KeyPage>('/v1/keys?limit=1000', last);
  const [retiring, setRetiring] = useState<KeyBody | null>(null);
  const [fault, setFault] = useState<ApiFault | null>(null);
  const why = useMay('secure');
  const rotate = () => {
    client.send('POST', '/v1/keys').then(
      () => setFault(null),
      (error: unknown) => setFault(faultOf(error)),
    );
  };
  const keys = answer.kind === 'here' ? answer.body.items : [];
  return (
    <Panel
      title="Signing keys"
      aside={
        <button type="button" onClick={rotate} disabled={why !== null} title={why ?? undefined}>
          Make a new one
        </button>
      }
    >
      {answer.kind === 'refused' && <Fault fault={answer.fault} />}
      {fault !== null && <Fault fault={fault} />}
      {answer.kind === 'here' && keys.length === 0 && <Empty says="There is no signing key." />}
      <ul className="rows">
        {keys.map((key) => (
          <li key={key.id}>
            <p>
              {key.retiredAt === null ? <Chip tone="good">in force</Chip> : <Chip tone="plain">retired</Chip>}{' '}
              <code>{key.id}</code>{' '}
              <span className="fine">
                since <Time at={key.addedAt} />
                {key.announcedBy !== null && `, announced by ${key.announcedBy}`}
              </span>
              {key.retiredAt === null && (
                <button
                  type="button"
                  className="quiet"
                  disabled={why !== null}
                  title={why ?? undefined}
                  onClick={() => setRetiring(key)}
                  aria-label={`Retire the key ${key.id}`}
                >
                  Retire
                </button>
              )}
            </p>
            <p className="fine">
              <code className="long">{key.publicKey}</code>
            </p>
          </li>
        ))}
      </ul>
      {retiring !== null && (
        <SayDialog
          title={`Retire ${retiring.id}?`}
          says="What it signed is refused from then on. What is still needed is signed anew with the present key."
          confirm="Retire"
          tone="bad"
          act={() => client.send('DELETE', `/v1/keys/${retiring.id}`)}
          close={() => setRetiring(null)}
        />
      )}
    </Panel>
  );
}
