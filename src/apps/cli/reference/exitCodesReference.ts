import { EXIT_CODES } from '../exitCodes.ts';

/** `docs/reference/exit-codes.md`: how a run of the command may end. */
export function exitCodesReference(): string {
  const rows = Object.values(EXIT_CODES).map(({ code, says }) => `| ${code} | ${says} |`);
  return `# Exit codes

<!-- Made from src/apps/cli/exitCodes.ts by src/apps/cli/reference/writeReference.ts; a test says when it is stale. -->

Scripts may rely on these numbers: none ever changes its meaning.

| code | meaning |
|---|---|
${rows.join('\n')}

\`ringfence rollout watch\` ends with 0 only when the rollout completed, so a pipeline of commands may wait on it:

\`\`\`
ringfence rollout start faster-search --watch --timeout 2h || echo "it did not go out: $?"
\`\`\`
`;
}
