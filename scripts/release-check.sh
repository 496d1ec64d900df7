#!/usr/bin/env bash
# Builds the programs as they are released, and fails where they hold a fail point: in a release no environment variable
# may end a process. That the builds which tests run do hold them is a test of its own. Fails as well where the image would
# be built without something that cargo asks for.
set -euo pipefail

cd "$(dirname "$0")/.."
for needed in .cargo $(sed -n '/^members/s/[^a-z ]//gp' Cargo.toml | sed 's/^members//'); do
  if ! grep -qx "!$needed" .dockerignore; then
    printf 'release-check.sh: .dockerignore keeps %s out of the image\n' "$needed" >&2
    exit 1
  fi
done

# Not the whole workspace: a crate for tests asks for more of the libraries they share.
cargo build --release -p dialer -p workers --bin dialer --bin dialer-worker

for program in dialer dialer-worker; do
  file=${CARGO_TARGET_DIR:-target}/release/$program
  if grep -qa -e DIALER_FAIL_POINT -e 'place\.job_taken' "$file"; then
    printf 'release-check.sh: %s holds a fail point\n' "$file" >&2
    exit 1
  fi
done
printf 'release-check.sh: no fail point in dialer and dialer-worker\n' >&2
