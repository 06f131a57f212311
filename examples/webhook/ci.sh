#!/bin/sh
# A CI job: starts a pipeline by its API and waits until it is over. Run by receiver.mjs; the token stands in a file that only it reads:
#
#   CI_URL=https://ci.example.com/api/jobs/deploy CI_TOKEN_FILE=./ci.token node receiver.mjs -- ./ci.sh
#
# Fit the two requests to your CI: the first starts a job and answers with where it is looked at, the second says how it stands.
set -eu
header="authorization: Bearer $(cat "$CI_TOKEN_FILE")"
job=$(printf '%s\n' "$header" | curl --fail --silent --show-error --header @- \
  --form "target=$RINGFENCE_TARGET" --form "revision=$RINGFENCE_REVISION" --form "parameters=@$RINGFENCE_FILE" "$CI_URL")
while :; do
  state=$(printf '%s\n' "$header" | curl --fail --silent --show-error --header @- "$job")
  case $state in
    success) exit 0 ;;
    failed) echo "the job failed: $job" >&2; exit 1 ;;
  esac
  sleep 5
done
