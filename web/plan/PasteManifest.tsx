import { type FormEvent, useId, useState } from 'react';
import type { ApplyResponse } from '../../src/wire/http/manifest.ts';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { useConsole } from '../console.ts';
import { Fault } from '../parts/Fault.tsx';
import { Panel } from '../parts/Panel.tsx';
import { useMay } from '../shell/may.ts';

const EXAMPLE = `apiVersion: ringfence.dev/v1
kind: Change
metadata: { name: faster-search }
spec:
  service: shop
  reason: why this is done
  slots:
    config/shop: { content: '{"results": 20}' }
`;

/** Registers a change from its manifest, as \`ringfence apply\` does, and goes on to its plan. To register starts nothing. */
export function PasteManifest({ registered }: { readonly registered: (change: string) => void }) {
  const { client, feed } = useConsole();
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [says, setSays] = useState('');
  const id = useId();
  const why = useMay('author');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('manifest') ?? '');
    setFault(null);
    try {
      const { applied } = await client.send<ApplyResponse>('POST', '/v1/manifests', text, 'application/yaml');
      feed.refresh('changes', 'pipelines', 'services', 'freezes');
      const change = applied.find(({ kind }) => kind === 'Change');
      if (change?.digest !== undefined) registered(change.digest);
      else setSays(applied.map(({ kind, name, outcome }) => `${kind} ${name} ${outcome}`).join(', '));
    } catch (error) {
      setFault(faultOf(error));
    }
  };
  return (
    <Panel title="Paste a manifest">
      <form onSubmit={submit} className="stack">
        <label htmlFor={id}>YAML, with the content of its slots in it</label>
        <textarea id={id} name="manifest" rows={12} spellCheck={false} defaultValue={EXAMPLE} required />
        {fault !== null && <Fault fault={fault} />}
        {says !== '' && <p role="status">{says}</p>}
        <div className="actions">
          <button type="submit" className="primary" disabled={why !== null}>
            Register and plan
          </button>
          {why !== null && <span className="why fine">{why}</span>}
        </div>
      </form>
    </Panel>
  );
}
