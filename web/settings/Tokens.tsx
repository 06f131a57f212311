import { type FormEvent, useState } from 'react';
import type { IssuedTokenBody, TokenBody, TokenPage } from '../../src/wire/http/token.ts';
import { type ApiFault, faultOf } from '../api/apiClient.ts';
import { useConsole, useFacts } from '../console.ts';
import { Fault } from '../parts/Fault.tsx';
import { Panel } from '../parts/Panel.tsx';
import { Time } from '../parts/Time.tsx';
import { useAnswer } from '../parts/useAnswer.ts';
import { SayDialog } from '../rollout/SayDialog.tsx';

const ROLES: Readonly<Record<TokenBody['role'], string>> = {
  viewer: 'reads',
  author: 'registers changes and starts them',
  approver: 'approves',
  operator: 'steers',
  admin: 'everything',
  agent: 'is a target',
  flags: 'evaluates flags',
  ingest: 'sends metrics',
};

/** People are the names of tokens: two tokens of one name are one person. */
export function Tokens() {
  const { client } = useConsole();
  const last = useFacts(({ events }) => events.findLast(({ type }) => type.startsWith('Token'))?.position ?? 0);
  const answer = useAnswer<TokenPage>('/v1/tokens?limit=1000', last);
  const [made, setMade] = useState<IssuedTokenBody | null>(null);
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [revoking, setRevoking] = useState<TokenBody | null>(null);
  const make = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    setFault(null);
    try {
      setMade(await client.send('POST', '/v1/tokens', { role: data.get('role'), name: data.get('name') }));
      form.reset();
    } catch (error) {
      setFault(faultOf(error));
    }
  };
  const people = answer.kind === 'here' ? [...Map.groupBy(answer.body.items, ({ name }) => name)] : [];
  return (
    <Panel title="Tokens and people">
      <form onSubmit={make} className="form-row">
        <label>
          <span>Person</span>
          <input name="name" required maxLength={128} autoComplete="off" />
        </label>
        <label>
          <span>Role</span>
          <select name="role" defaultValue="viewer">
            {Object.entries(ROLES).map(([role, may]) => (
              <option key={role} value={role}>
                {role}: {may}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="primary">
          Make a token
        </button>
      </form>
      {fault !== null && <Fault fault={fault} />}
      {made !== null && (
        <div className="reason wait" role="status">
          <p>
            The token of {made.name}, shown this once: <code className="long">{made.secret}</code>
          </p>
          <button type="button" onClick={() => setMade(null)}>
            I have kept it
          </button>
        </div>
      )}
      {answer.kind === 'refused' && <Fault fault={answer.fault} />}
      <div className="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">Role</th>
              <th scope="col">Made</th>
              <th scope="col">Token</th>
              <th scope="col">
                <span className="unseen">Revoke</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {people.flatMap(([name, tokens]) =>
              tokens.map((token, index) => (
                <tr key={token.id}>
                  {index === 0 && (
                    <th scope="rowgroup" rowSpan={tokens.length}>
                      {name}
                    </th>
                  )}
                  <td>{token.role}</td>
                  <td className="nowrap">
                    <Time at={token.issuedAt} />
                  </td>
                  <td>
                    <code>{token.id}</code>
                  </td>
                  <td>
                    <button
                      type="button"
                      className="quiet"
                      onClick={() => setRevoking(token)}
                      aria-label={`Revoke the ${token.role} token ${token.id} of ${name}`}
                    >
                      Revoke
                    </button>
                  </td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
      {revoking !== null && (
        <SayDialog
          title={`Revoke the token of ${revoking.name}?`}
          says={`Whoever uses ${revoking.id} is turned away at once, and every session of it ends.`}
          confirm="Revoke"
          tone="bad"
          act={() => client.send('DELETE', `/v1/tokens/${revoking.id}`)}
          close={() => setRevoking(null)}
        />
      )}
    </Panel>
  );
}
