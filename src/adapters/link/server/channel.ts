/** The way to an agent that is connected. Owned by a transport; several agents may share one. */
export interface Channel {
  readonly transport: 'websocket' | 'http';
  readonly isOpen: boolean;
  /** There is something to tell this agent. The channel fetches it when it has room; asking twice tells once. `urgent` goes first. */
  wake(uid: string, urgent: boolean): void;
  /** Whether the other end still answers. Takes as long as the limits allow a probe. */
  isAlive(): Promise<boolean>;
  /** Ends it: another one has taken its place. */
  drop(): void;
}

/** Every agent that polls. It cannot be woken: it is told when it asks. Nobody can tell whether it will ask again. */
export const POLLING: Channel = {
  transport: 'http',
  isOpen: true,
  wake: () => {},
  isAlive: () => Promise.resolve(false),
  drop: () => {},
};
