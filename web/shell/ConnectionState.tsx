import { useLive } from '../console.ts';
import { formatSpan } from '../words.ts';
import { useNow } from './clock.ts';

const WORDS = { connecting: 'connecting', live: 'live', lost: 'not connected', 'signed-out': 'not signed in' } as const;
const TONES = { connecting: 'busy', live: 'good', lost: 'bad', 'signed-out': 'wait' } as const;

/** Whether the console hears the control plane, and when it last did. */
export function ConnectionState() {
  const connection = useLive((live) => live.connection);
  const heardAt = useLive((live) => live.heardAt);
  useNow();
  const { kind } = connection;
  return (
    <p className={`connection ${TONES[kind]}`} data-connection={kind}>
      <span className="dot" aria-hidden="true" />
      {WORDS[kind]}
      {heardAt !== null && kind !== 'signed-out' && (
        <span className="heard">last heard {formatSpan(Math.floor((Date.now() - heardAt) / 1000) * 1000)} ago</span>
      )}
    </p>
  );
}
