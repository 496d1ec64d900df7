#!/usr/bin/env bash
# The API's OpenAPI document is generated from the code and kept in the repository, so that a change of the API is seen.
#
#   scripts/openapi.sh write    writes openapi/openapi.json anew
#   scripts/openapi.sh check    fails, and shows the difference, where it is not what the code says
set -euo pipefail

cd "$(dirname "$0")/.."
readonly DOCUMENT=openapi/openapi.json

[[ "${1-}" == write || "${1-}" == check ]] || {
  echo "usage: scripts/openapi.sh write|check" >&2
  exit 2
}

generated=$(mktemp)
trap 'rm -f "$generated"' EXIT
cargo run --quiet --bin dialer -- openapi >"$generated"

if [[ "$1" == write ]]; then
  mkdir -p "$(dirname "$DOCUMENT")"
  cp "$generated" "$DOCUMENT"
  chmod 644 "$DOCUMENT"
elif ! diff -u "$DOCUMENT" "$generated"; then
  echo "$DOCUMENT is not what the code says; run: make openapi" >&2
  exit 1
fi
