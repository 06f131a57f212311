import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { useFacts } from '../console.ts';
import { Empty } from '../parts/Empty.tsx';
import { Panel } from '../parts/Panel.tsx';
import { ChangePicker } from './ChangePicker.tsx';
import { PasteManifest } from './PasteManifest.tsx';
import { PlanOfChange } from './PlanOfChange.tsx';

/** What starting a change would do, before it is started. The change stands in the address. */
export function PlanView() {
  const [query, setQuery] = useSearchParams();
  const [isPasting, setPasting] = useState(false);
  const hasChanges = useFacts(({ changes }) => changes.length > 0);
  const change = query.get('change');
  const pipeline = query.get('pipeline');
  const choose = (name: string, through: string | null) => {
    setPasting(false);
    setQuery({ change: name, ...(through === null ? {} : { pipeline: through }) });
  };
  return (
    <>
      <div className="view-head">
        <h1>Plan</h1>
        <button type="button" aria-pressed={isPasting} onClick={() => setPasting(!isPasting)}>
          Paste a change
        </button>
      </div>
      {isPasting ? (
        <PasteManifest registered={(name) => choose(name, null)} />
      ) : (
        <ChangePicker change={change} pipeline={pipeline} choose={choose} />
      )}
      {change !== null && <PlanOfChange change={change} pipeline={pipeline} />}
      {change === null && !isPasting && (
        <Panel title="Nothing is picked">
          <Empty
            says={
              hasChanges
                ? 'Pick a change to see what starting it would do. Nothing is started by that.'
                : 'No change is registered yet.'
            }
          >
            Register one with <code>ringfence apply -f change.yaml</code>, or paste its manifest here.
          </Empty>
        </Panel>
      )}
    </>
  );
}
