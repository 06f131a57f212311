import { useFacts } from '../console.ts';
import { shortDigest } from '../words.ts';

interface ChangePickerProps {
  /** Name or digest. */
  readonly change: string | null;
  readonly pipeline: string | null;
  readonly choose: (change: string, pipeline: string | null) => void;
}

/** Which change, and through which pipeline where its service has several. */
export function ChangePicker({ change, pipeline, choose }: ChangePickerProps) {
  const changes = useFacts((facts) => facts.changes);
  const pipelines = useFacts((facts) => facts.pipelines);
  if (changes.length === 0) return null;
  const picked = changes.find(({ name, digest }) => digest === change || name === change);
  const through = pipelines.filter(({ service }) => service === picked?.service);
  return (
    <div className="form-row">
      <label>
        <span>Change</span>
        <select value={picked?.digest ?? ''} onChange={({ target }) => choose(target.value, null)}>
          <option value="" disabled>
            pick one
          </option>
          {changes.map(({ digest, name, service, quarantine }) => (
            <option key={digest} value={digest}>
              {name} · {service} · {shortDigest(digest)}
              {quarantine === null ? '' : ' · quarantined'}
            </option>
          ))}
        </select>
      </label>
      {through.length > 1 && picked !== undefined && (
        <label>
          <span>Pipeline</span>
          <select value={pipeline ?? ''} onChange={({ target }) => choose(picked.digest, target.value)}>
            <option value="" disabled>
              pick one
            </option>
            {through.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
