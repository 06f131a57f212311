import type { ApiFault } from '../api/apiClient.ts';

/** Why something was not done, in the API's own words, with what to do about it. */
export function Fault({ fault }: { readonly fault: ApiFault }) {
  const says = fault.mistakes.length > 0 ? fault.mistakes : fault.refusals.map((refusal) => refusal.says);
  return (
    <div className="fault" role="alert">
      {says.length === 0 ? <p>{fault.message}</p> : says.map((one) => <p key={one}>{one}</p>)}
      {fault.remedy !== null && <p className="fine">{fault.remedy}</p>}
      {fault.code !== null && <code className="fine">{fault.code}</code>}
    </div>
  );
}
