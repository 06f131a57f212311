/** How a run of the command may end, with the number the shell sees. Scripts rely on these: a number never changes its meaning. */
export const EXIT_CODES = {
  done: { code: 0, says: 'It was done. `rollout watch`: the rollout completed. `demo --exit`: the story came true.' },
  unexpected: {
    code: 1,
    says: 'Something failed that should not: a fault of the server, of the disk, or a bug. `log verify`: the log is broken. `demo --exit`: the story did not come true.',
  },
  usage: {
    code: 2,
    says: 'The command line, or a file it names, is wrong: an unknown word, a missing value, a manifest with a mistake. Nothing was changed.',
  },
  refused: {
    code: 3,
    says: 'The server understood and refused: a law or the present state forbids it, or there is no such thing. Nothing was changed. `plan`: starting would be refused.',
  },
  unreachable: {
    code: 4,
    says: 'The server cannot be reached or cannot answer now, or the token is missing, wrong or not allowed to do this.',
  },
  rolledBack: {
    code: 5,
    says: 'The rollout that was watched was rolled back. `judge`: what was recorded would have been.',
  },
  unfinished: { code: 6, says: 'Watching ended before the rollout did: `--timeout` passed. The rollout goes on.' },
  interrupted: { code: 130, says: 'Ctrl-C. A rollout that was watched goes on.' },
  readerGone: { code: 141, says: 'Whoever read the output stopped reading (`| head`). Said without a message.' },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly says: string }>>;

export type Exit = keyof typeof EXIT_CODES;
