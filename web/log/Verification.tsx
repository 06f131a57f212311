import { useState } from 'react';
import type { LogVerificationBody } from '../../src/wire/http/log.ts';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { useConsole } from '../console.ts';
import { Chip } from '../parts/Chip.tsx';
import { Fault } from '../parts/Fault.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { useKeys } from '../shell/keys.ts';
import { formatCount, plural } from '../words.ts';

/** Has the server recompute the hash of every event and check every signature: whenever somebody asks, for it reads the whole log. */
export function Verification() {
  const { client } = useConsole();
  const [found, setFound] = useState<LogVerificationBody | null>(null);
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [isBusy, setBusy] = useState(false);
  const verify = () => {
    setBusy(true);
    setFault(null);
    client
      .get<LogVerificationBody>('/v1/log/verification', AbortSignal.timeout(300_000))
      .then(setFound, (error: unknown) => setFault(faultOf(error)))
      .finally(() => setBusy(false));
  };
  useKeys([{ keys: 'v', says: 'Verify the record', group: 'The log', action: verify }]);
  return (
    <Panel title="Is the record what was signed?" className="verification">
      <p className="fine">
        Every event holds the hash of the one before, and the end is signed again and again. Who changes one event must
        change all that follow, and cannot sign them.
      </p>
      <div className="actions">
        <button type="button" className="primary" onClick={verify} disabled={isBusy}>
          {isBusy ? 'Reading the whole log…' : 'Verify'} <kbd>v</kbd>
        </button>
      </div>
      <div aria-live="polite">
        {found?.outcome === 'broken' && (
          <p className="reason bad">
            Broken at event #{found.position}: {found.says}
          </p>
        )}
        {found?.outcome === 'intact' && (
          <>
            <p>
              <Chip tone="good">intact</Chip> {plural(found.head, 'event')}, every hash fits.
            </p>
            <dl className="figures">
              <div>
                <dt>checkpoints</dt>
                <dd>{formatCount(found.checkpoints)}, all right</dd>
              </div>
              {found.signed !== null && (
                <div>
                  <dt>signed up to</dt>
                  <dd>
                    #{formatCount(found.signed.position)}, <Time at={found.signed.at} />
                  </dd>
                </div>
              )}
              {found.kept !== null && (
                <div>
                  <dt>kept beside the keys</dt>
                  <dd>#{formatCount(found.kept)}</dd>
                </div>
              )}
            </dl>
            <p className="fine">
              hash <code className="long">{found.hash}</code>
            </p>
            {found.unvouched.length > 0 && (
              <p className="reason wait">Nobody vouches for these keys: {found.unvouched.join(', ')}</p>
            )}
          </>
        )}
        {fault !== null && <Fault fault={fault} />}
      </div>
    </Panel>
  );
}
