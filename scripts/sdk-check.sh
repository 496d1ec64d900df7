#!/usr/bin/env bash
# Holds the dialer and its simulator to the providers' wire formats with the vendors' own SDKs, which know nothing of us:
#
#   1. they drive the simulator, and their models read its answers
#   2. they verify the webhooks that the simulator signs
#   3. they sign webhooks, which the running dialer believes, and refuses where anything was changed
#   4. they send what our own clients send for the same intent
#
#   make sdk-check
#
# One line for each claim, then how many held. The SDKs are installed below target/ where they are missing, in the versions
# that scripts/sdk-check/ names. Needs Rust, Python 3 with venv, Node.js and npm; no database, no Redis, and no account
# anywhere. docs/providers.md says what is proven by whom.
set -euo pipefail

# A conversation takes fractions of a second.
readonly TIME_SCALE=100
# More agents and numbers than a page of a hundred has.
readonly BEYOND_A_PAGE=100

cd "$(dirname "$0")/.."
here=$PWD
readonly scripts=$here/scripts/sdk-check
readonly sdks=$here/target/sdk-check
# Where cargo puts the programs, as `cargo build` was told.
readonly programs=${CARGO_TARGET_DIR:-$here/target}/debug

# shellcheck source=scripts/background.sh
. scripts/background.sh

work=""
carrier=""

say() { printf 'sdk-check.sh: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# shellcheck disable=SC2317 # the trap calls it
cleanup() {
  local status=$?
  trap '' INT TERM HUP
  stop_spawned
  [[ -z "$work" ]] || rm -rf "$work"
  exit "$status"
}

trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Says in one sentence what is missing.
need_tools() {
  local missing=()
  command -v cargo >/dev/null || missing+=("Rust (cargo)")
  python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=("Python 3 with venv (Debian's python3-venv)")
  command -v node >/dev/null || missing+=("Node.js (Debian's nodejs)")
  command -v npm >/dev/null || missing+=("npm (Debian's npm)")
  ((${#missing[@]} == 0)) || {
    local listed
    listed=$(printf ', %s' "${missing[@]}")
    die "needs ${listed:2}; install what is missing and run this again"
  }
}

install_sdks() {
  local lock=$scripts/package-lock.json
  make_venv "$scripts/requirements.txt" "$sdks/venv"
  ! cmp -s "$lock" "$sdks/installed.json" || return 0
  rm -rf "$sdks/node_modules"
  cp "$scripts/package.json" "$lock" "$sdks/"
  # Nothing that comes with a package is run.
  (cd "$sdks" && npm ci --silent --ignore-scripts --no-audit --no-fund) >&2 ||
    die "could not install what $lock names from the package index"
  cp "$lock" "$sdks/installed.json"
}

# `$1`, and a `$2` for each number up to BEYOND_A_PAGE, separated by commas.
many() {
  local first=$1 pattern=$2
  # shellcheck disable=SC2059 # the pattern is ours
  printf '%s%s' "$first" "$(for ((n = 1; n <= BEYOND_A_PAGE; n++)); do printf ",$pattern" "$n"; done)"
}

# The pretend network, and the dialer that calls through it.
start() {
  SIMULATOR_AGENTS=$(many agent_demo 'agent_%d')
  SIMULATOR_NUMBERS="$(many +12025550100 '+1202556%04d'),+918012345678=exotel"
  export SIMULATOR_AGENTS SIMULATOR_NUMBERS SIMULATOR_TIME_SCALE=$TIME_SCALE
  start_simulator
  SDK_CHECK_DIALER="http://127.0.0.1:$(free_port)"
  configure_dialer "$SDK_CHECK_DIALER"
  export DATABASE_URL="sqlite://$work/dialer.sqlite?mode=rwc"
  start_dialer "$SDK_CHECK_DIALER"
  export SDK_CHECK_DIALER SDK_CHECK_TOKEN=$ADMIN SDK_CHECK_SIMULATOR=$carrier SDK_CHECK_INTENTS=$programs/examples/intents
}

main() {
  (($# == 0)) || die "does not know $1; see the head of $0"
  need_tools
  mkdir -p "$sdks"
  install_sdks
  cargo build --workspace --bins
  cargo build -p carriers --example intents
  work=$(mktemp -d /tmp/sdk-check.XXXXXX)
  # Nobody's proxy comes between programs of this machine.
  export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
  start
  export NODE_PATH=$sdks/node_modules PYTHONDONTWRITEBYTECODE=1
  "$sdks/venv/bin/python" "$scripts/check.py"
  ! grep -E ' ERROR |panicked' "$work"/*.log >&2 || die "a program of ours has failed, see above"
}

main "$@"
