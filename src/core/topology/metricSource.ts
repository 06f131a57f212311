/** A server that is asked for metrics. Its secret is a name: what the secret is stands with whoever runs this server, and nowhere else. */
export type MetricSource = { readonly prometheus: SourceAddress } | { readonly alertmanager: AlertSourceAddress };

export interface SourceAddress {
  /** `http:` or `https:`, without user, password, query or fragment; a path that the API's own is added to may stand in it. */
  readonly url: string;
  readonly secret?: string;
}

export interface AlertSourceAddress extends SourceAddress {
  /** Labels of an alert that always fires. While it does not, no alerts are no news. */
  readonly watchdog?: Readonly<Record<string, string>>;
}

/** Exhaustive. */
export const SOURCE_KINDS = ['prometheus', 'alertmanager'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

export function kindOfSource(source: MetricSource): SourceKind {
  return 'prometheus' in source ? 'prometheus' : 'alertmanager';
}

export function addressOf(source: MetricSource): SourceAddress {
  return 'prometheus' in source ? source.prometheus : source.alertmanager;
}
