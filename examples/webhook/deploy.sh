#!/bin/sh
# Carries one operation out: puts the parameters where the program of this target reads them. The simplest there is.
set -eu
mkdir -p "$DEPLOY_DIR"
place="$DEPLOY_DIR/$RINGFENCE_TARGET.params"

if [ -z "$RINGFENCE_REVISION" ]; then
  # Back to what was there before the first apply: nothing.
  rm -f "$place"
  echo "removed $place"
  exit 0
fi
if grep -q impossible "$RINGFENCE_FILE"; then
  echo "these parameters are impossible" >&2
  exit 1
fi
cp "$RINGFENCE_FILE" "$place.new"
mv "$place.new" "$place"
echo "$RINGFENCE_VERB: $place"
