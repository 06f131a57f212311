/** A number of targets, or a share in (0, 1] of some whole. */
export type Size = { readonly count: number } | { readonly share: number };

/**
 * Law 11: the floor under a service. In each failure domain at most so many of its targets of one role may be unavailable at once:
 * not connected, failing their own checks, or under way to another revision.
 */
export interface Capacity {
  /** The label whose values are the failure domains, such as `zone`. Targets without it are one domain together. */
  readonly domain: string;
  /** A share is of the role's targets in the domain, rounded down: what is promised is never less than what was asked for. */
  readonly unavailable: Size;
}

/** The targets of one role in one failure domain: what a floor is counted by. */
export interface Domain {
  readonly role: string;
  /** The value of the capacity's label; empty for targets without it. */
  readonly value: string;
}

/** So many of these targets may be unavailable at once. */
export function budgetOf({ unavailable }: Capacity, targets: number): number {
  return 'count' in unavailable ? unavailable.count : Math.floor(unavailable.share * targets + 1e-9);
}

/** A key by which domains are told apart: role names hold no line break. */
export function domainKey({ role, value }: Domain): string {
  return `${role}\n${value}`;
}

/** `api in zone a`, as people read it. */
export function sayDomain({ role, value }: Domain, { domain }: Capacity): string {
  return value === '' ? `${role} without a label ${domain}` : `${role} in ${domain} ${value}`;
}

/** So many targets of a whole; at least one. */
export function atLeastOne(size: Size, whole: number): number {
  return Math.max(1, 'count' in size ? size.count : Math.floor(size.share * whole + 1e-9));
}

export function formatSize(size: Size): string {
  return 'count' in size ? String(size.count) : `${Number((size.share * 100).toFixed(6))}%`;
}
