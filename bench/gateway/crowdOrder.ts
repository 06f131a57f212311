/** What the parent orders a crowd to do. */
export type CrowdOrder =
  | {
      readonly order: 'connect';
      readonly speaks: 'opamp' | 'bare';
      readonly url: string;
      readonly token: string;
      readonly ca?: string;
      readonly agents: number;
      /** Of the first agent's number and name. */
      readonly from: number;
      /** Time in the agents' uids, so that they are the same in each run. */
      readonly at: number;
      readonly service: string;
      readonly slot: string;
      readonly metrics: readonly string[];
    }
  /** So many stop reading. */
  | { readonly order: 'stall'; readonly agents: number }
  | { readonly order: 'count' };

export type CrowdWord =
  | { readonly word: 'connected'; readonly agents: number }
  | { readonly word: 'said'; readonly messages: number }
  | { readonly word: 'closed'; readonly index: number }
  | { readonly word: 'failed'; readonly says: string };
