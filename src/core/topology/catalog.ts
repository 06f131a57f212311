/**
 * What another catalogue knows of who needs whom, as one file said it. It adds to what the services' own manifests say and
 * registers nothing: what only a catalogue knows counts as a dependent, and nothing can be rolled out to it.
 */
export interface Catalog {
  readonly name: string;
  /** The file it came from, as whoever applied it named it. */
  readonly source: string;
  /** By name. The name of a registered service is that service. */
  readonly entities: Readonly<Record<string, CatalogEntity>>;
}

export interface CatalogEntity {
  /** Names of what it needs, registered, catalogued or unknown. */
  readonly dependsOn: readonly string[];
  /** It is only another name for these: whoever needs an API needs what provides it. */
  readonly standsFor: readonly string[];
}
