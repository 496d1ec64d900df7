#!/usr/bin/env bash
# Endurance: lets campaigns live for two hours of their own time with faults switched on and off, and judges what stays flat.
#
#   scripts/soak.sh              two hours in twelve minutes, the programs as they are released
#   scripts/soak.sh --short      half an hour in two minutes, the programs as tests have them
#   scripts/soak.sh --minutes 600 --scale 20 --campaigns 8     whatever else `--help` lists
#
# Run it as `scripts/test.sh --servers scripts/soak.sh`, as `make soak` does: it needs a Postgres and redis-server.
set -euo pipefail

cd "$(dirname "$0")/.."

# What is built along with the tests is not built anew for the short form.
packages=(--workspace)
profile=()
case " $* " in
  *" --short "*) ;;
  *)
    # Not the whole workspace: a crate for tests asks for more of the libraries they share.
    packages=(-p dialer -p workers)
    profile=(--release)
    ;;
esac

cargo build "${profile[@]}" "${packages[@]}" --bins --test soak
printf 'soak.sh: load %s\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)" >&2
cargo test "${profile[@]}" "${packages[@]}" --test soak -- "$@"
printf 'soak.sh: load %s\n' "$(cut -d ' ' -f 1-3 /proc/loadavg)" >&2
