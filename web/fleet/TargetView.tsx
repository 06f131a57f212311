import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { TargetBody } from '../../src/wire/http/target.ts';
import { useConsole, useFacts } from '../console.ts';
import { STANDINGS, useFleetVersion } from '../live/fleet.ts';
import { Chip } from '../parts/Chip.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Fault } from '../parts/Fault.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Since, Time } from '../parts/Time.tsx';
import { useAnswer } from '../parts/useAnswer.ts';
import { SayDialog } from '../rollout/SayDialog.tsx';
import { useMay } from '../shell/may.ts';
import { PLACES } from '../shell/places.ts';
import { shortDigest } from '../words.ts';
import { STANDING_LOOKS } from './standingLooks.ts';
import { TargetHistory } from './TargetHistory.tsx';

/** One target: what it holds and is to hold, how it is, and what happened to it. */
export function TargetView({ uid }: { readonly uid: string }) {
  const { fleet } = useConsole();
  useFleetVersion(fleet);
  const row = fleet.rowOf(uid);
  const sign = row === undefined ? null : `${fleet.standing[row]} ${fleet.holdingOf[row]}`;
  const answer = useAnswer<TargetBody>(`/v1/targets/${encodeURIComponent(uid)}`, sign);
  if (answer.kind === 'waiting') return <p className="waiting">Reading the target…</p>;
  if (answer.kind === 'refused') {
    return (
      <>
        <h1>Target</h1>
        <Fault fault={answer.fault} />
      </>
    );
  }
  const target = answer.body;
  const standing = row === undefined ? null : (STANDINGS[fleet.standing[row] ?? 0] ?? null);
  return (
    <>
      <div className="view-head">
        <h1>{target.name}</h1>
        {standing !== null && (
          <Chip
            tone={STANDING_LOOKS[standing].isTrouble ? 'bad' : standing === 'settled' ? 'good' : 'busy'}
            mark={STANDING_LOOKS[standing].mark || '✓'}
          >
            {STANDING_LOOKS[standing].says}
          </Chip>
        )}
        <Retire target={target} />
      </div>
      <p className="fine">
        <Link href={PLACES.service(target.service)}>{target.service}</Link> {target.role} ·{' '}
        {Object.entries(target.labels)
          .map(([name, value]) => `${name}=${value}`)
          .join(' ')}{' '}
        · <code>{uid}</code>
        {target.lastHeardAt !== null && (
          <>
            {' '}
            · last heard <Since at={target.lastHeardAt} /> ago, at <Time at={target.lastHeardAt} />
          </>
        )}
      </p>
      <div className="columns">
        <div className="stack">
          <Slots target={target} />
          <SelfChecks target={target} />
        </div>
        <TargetHistory target={target} />
      </div>
    </>
  );
}

function Slots({ target: { report, desired } }: { readonly target: TargetBody }) {
  const changes = useFacts((facts) => facts.changes);
  const nameOf = (slot: string, digest: string | null) => {
    const change = digest === null ? undefined : changes.find(({ slots }) => slots[slot] === digest);
    return change === undefined ? shortDigest(digest) : <Link href={PLACES.change(change.digest)}>{change.name}</Link>;
  };
  return (
    <Panel title="Slots">
      {report === null || report.slots.length === 0 ? (
        <Empty
          says={
            report === null
              ? 'It has not reported since the server started.'
              : 'Nothing was ever assigned to it: it holds what it always held.'
          }
        />
      ) : (
        <ul className="rows">
          {report.slots.map(
            ({ slot, phase, current, baseline, failed, failureCode, failure, verifiedBy, generation }) => (
              <li key={slot}>
                <p>
                  <strong>{slot}</strong>{' '}
                  <Chip
                    tone={phase === 'failed' || phase === 'reverting' ? 'bad' : phase === 'settled' ? 'good' : 'busy'}
                  >
                    {phase}
                  </Chip>
                </p>
                <dl className="figures">
                  <div>
                    <dt>holds</dt>
                    <dd>{nameOf(slot, current)}</dd>
                  </div>
                  <div>
                    <dt>is to hold</dt>
                    <dd>
                      {desired[slot] === undefined
                        ? 'nothing assigned'
                        : desired[slot] === null
                          ? 'its baseline'
                          : nameOf(slot, desired[slot] ?? null)}
                    </dd>
                  </div>
                  <div>
                    <dt>baseline</dt>
                    <dd>{shortDigest(baseline)}</dd>
                  </div>
                  <div>
                    <dt>read back by</dt>
                    <dd>{verifiedBy === '' ? 'not yet' : verifiedBy}</dd>
                  </div>
                  <div>
                    <dt>generation</dt>
                    <dd>{generation}</dd>
                  </div>
                </dl>
                {failure !== '' && (
                  <p className="bad-text">
                    ✕ {failure} <code>{failureCode}</code> {failed !== null && <>({nameOf(slot, failed)})</>}
                  </p>
                )}
              </li>
            ),
          )}
        </ul>
      )}
    </Panel>
  );
}

function SelfChecks({ target: { report } }: { readonly target: TargetBody }) {
  const checks = report?.checks ?? [];
  return (
    <Panel title="Checks of its own">
      {checks.length === 0 ? (
        <Empty says="Its agent has no checks." />
      ) : (
        <ul className="rows">
          {checks.map(({ name, healthy, detail }) => (
            <li key={name}>
              <p>
                <Chip tone={healthy ? 'good' : 'bad'}>{healthy ? 'healthy' : 'unhealthy'}</Chip> <strong>{name}</strong>
              </p>
              {detail !== '' && <p className="fine">{detail}</p>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Of a target that is gone for good. */
function Retire({ target }: { readonly target: TargetBody }) {
  const { client } = useConsole();
  const [, go] = useLocation();
  const [asking, setAsking] = useState(false);
  const why = useMay('goOn');
  if (target.connected) return null;
  const retire = async () => {
    await client.send('DELETE', `/v1/targets/${target.uid}`);
    go(PLACES.targets());
  };
  return (
    <>
      <button type="button" onClick={() => setAsking(true)} disabled={why !== null} title={why ?? undefined}>
        Retire
      </button>
      {asking && (
        <SayDialog
          title={`Retire ${target.name}?`}
          says="It is forgotten, so that no rollout waits for it. If it is not gone after all, it enrols again."
          confirm="Retire"
          act={retire}
          close={() => setAsking(false)}
        />
      )}
    </>
  );
}
