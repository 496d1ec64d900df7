#!/usr/bin/env bash
# Reads the API's own description and asks the running dialer whatever it allows, and much that it does not. Fails where
# an answer is a 5xx, is not as described, or where a stranger gets in.
#
#   make api-fuzz                                   both stacks
#   make api-fuzz ARGS="--stack embedded"           SQLite only; `production`: Postgres, Redis and a worker only
#   make api-fuzz ARGS="--seconds 600"              ten minutes of questions for each stack, half as long as strangers
#   make api-fuzz ARGS="--seed 4711"                the questions of an earlier run again
#   make api-fuzz ARGS="-- --include-path-regex v1" whatever else `schemathesis run` understands
#
# Postgres and Redis are those of TEST_POSTGRES_URL and TEST_REDIS_URL, which `scripts/test.sh --servers` sets. The fuzzer
# is Schemathesis, in a virtual environment below target/ that is made where it is missing. A failed case is printed as a
# curl command, with the seed that asks the same questions again.
set -euo pipefail

# Opens the tools of the agents, and nothing else.
readonly TOOLS=the-tools-of-this-run
# Calls, so that there is something to ask about, take seconds instead of minutes.
readonly TIME_SCALE=100

cd "$(dirname "$0")/.."
here=$PWD
readonly tools=$here/target/api-fuzz/venv
readonly requirements=$here/scripts/api-fuzz/requirements.txt
# Where cargo puts the programs, as `cargo build` was told.
readonly programs=${CARGO_TARGET_DIR:-$here/target}/debug

# shellcheck source=scripts/background.sh
. scripts/background.sh

seconds=60
seed=""
stacks=(embedded production)
more=()

work=""
database=""

say() { printf 'api-fuzz.sh: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# ---------------------------------------------------------------------------------------------------------------------
# Stopping

# Ends what was started for a stack.
stop_all() {
  stop_spawned
  if [[ -n "$database" ]]; then
    "$(psql_program)" -q "$TEST_POSTGRES_URL" -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || true
    database=""
  fi
}

# shellcheck disable=SC2317 # the trap calls it
cleanup() {
  local status=$?
  trap '' INT TERM HUP
  stop_all
  [[ -z "$work" ]] || rm -rf "$work"
  exit "$status"
}

trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---------------------------------------------------------------------------------------------------------------------
# Installing what is missing

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

# Debian's python3 comes without what makes virtual environments.
install_venv() {
  local wanted="python3-venv"
  command -v python3 >/dev/null || wanted="python3 $wanted"
  command -v apt-get >/dev/null || die "needs $wanted, and there is no apt-get here; install it and run this again"
  say "installing $wanted"
  # Two words where both are missing.
  # shellcheck disable=SC2086
  { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $wanted; } >&2 ||
    die "could not install $wanted; run once as root: apt-get update && apt-get install $wanted"
}

install_fuzzer() {
  python3 -c 'import ensurepip, venv' 2>/dev/null || install_venv
  cmp -s "$requirements" "$tools/installed.txt" || say "installing the fuzzer below target/"
  make_venv "$requirements" "$tools"
}

psql_program() {
  if [[ -n "${TEST_POSTGRES_BIN-}" ]]; then printf '%s/psql\n' "$TEST_POSTGRES_BIN"; else command -v psql; fi
}

# ---------------------------------------------------------------------------------------------------------------------
# Starting

# The carrier, then the dialer on `$1`, on a database of its own.
start() {
  local carrier
  rm -f "$work"/*.log "$work"/*.sqlite*
  base="http://127.0.0.1:$(free_port)"
  export SIMULATOR_TIME_SCALE=$TIME_SCALE SIMULATOR_ELEVENLABS_WEBHOOK_URL="$base/webhooks/elevenlabs"
  start_simulator
  configure_dialer "$base"
  export ELEVENLABS_TOOLS_TOKEN=$TOOLS
  if [[ "$1" == embedded ]]; then
    export DATABASE_URL="sqlite://$work/dialer.sqlite?mode=rwc"
  else
    [[ -n "${TEST_POSTGRES_URL-}" && -n "${TEST_REDIS_URL-}" ]] || die "there are no servers: run make api-fuzz"
    database="api_fuzz_$$"
    "$(psql_program)" -q "$TEST_POSTGRES_URL" -c "CREATE DATABASE $database"
    export DATABASE_URL="${TEST_POSTGRES_URL%/*}/$database" REDIS_URL=$TEST_REDIS_URL QUEUE_NAME="api-fuzz-$$"
  fi
  start_dialer "$base"
  [[ "$1" == embedded ]] || spawn dialer-worker
}

# ---------------------------------------------------------------------------------------------------------------------
# Asking

# Asks for what belongs to somebody else: as "nobody", without a token, or as "other", another user.
fuzz_as() {
  local token="" agents=""
  if [[ "$1" == other ]]; then
    token=$("$programs/dialer" token create --name other --email other@example.com --role user | sed -n 's/^token *//p')
    agents=$TOOLS
  fi
  (cd "$work" && API_FUZZ_STRANGER=$1 API_FUZZ_TOKEN=$token API_FUZZ_TOOLS_TOKEN=$agents \
    "$tools/bin/schemathesis" --config-file "$here/scripts/api-fuzz/schemathesis.toml" run "$base/api/openapi.json" \
    --seed "$seed" --max-time "$((seconds / 4 + 1))" --checks not_a_server_error,stays_closed "${more[@]}")
}

# Asks everything of the dialer on stack `$1`.
fuzz() {
  local stack=$1 role stranger status=0
  start "$stack"
  # An administrator's token on one stack, a user's on the other: they meet different refusals.
  role=$([[ "$stack" == embedded ]] && echo admin || echo user)
  API_FUZZ_TOKEN=$("$programs/dialer" token create --name fuzzer --email fuzzer@example.com --role "$role" |
    sed -n 's/^token *//p')
  export API_FUZZ_TOKEN API_FUZZ_TOOLS_TOKEN=$TOOLS API_FUZZ_SEEDED="$work/seeded.json"
  say "$stack: making campaigns, contacts and calls"
  "$tools/bin/python" scripts/api-fuzz/seed.py "$base" || status=1
  "$tools/bin/python" scripts/api-fuzz/check.py "$base" || status=1
  say "$stack: asking for $seconds s, seed $seed"
  # Out of the repository: it would leave its notes there.
  (cd "$work" && "$tools/bin/schemathesis" --config-file "$here/scripts/api-fuzz/schemathesis.toml" \
    run "$base/api/openapi.json" --seed "$seed" --max-time "$seconds" "${more[@]}") || status=1
  for stranger in nobody other; do
    say "$stack: asking as $stranger for $((seconds / 4 + 1)) s"
    fuzz_as "$stranger" || status=1
  done
  if ! is_alive "${pids[1]}" || grep -E ' ERROR |panicked' "$work"/dialer*.log >&2; then
    say "$stack: the dialer has failed, see above"
    status=1
  fi
  stop_all
  ((status == 0)) || say "$stack: failed; once more: make api-fuzz ARGS=\"--stack $stack --seed $seed --seconds $seconds\""
  return "$status"
}

main() {
  local stack status=0
  while (($# > 0)); do
    case "$1" in
      --stack)
        [[ "${2-}" == embedded || "${2-}" == production ]] || die "--stack needs embedded or production"
        stacks=("$2")
        shift 2
        ;;
      --seconds) seconds=${2:?--seconds needs a number} && shift 2 ;;
      --seed) seed=${2:?--seed needs a number} && shift 2 ;;
      --) shift && more=("$@") && break ;;
      *) die "does not know $1; see the head of $0" ;;
    esac
  done
  # Another one each day, so that all of CI's runs together ask more than one of them; printed, so that it can be had again.
  seed=${seed:-$(date -u +%Y%m%d)}
  command -v cargo >/dev/null || die "needs Rust: there is no cargo on PATH"
  install_fuzzer
  cargo build --workspace --bins
  work=$(mktemp -d /tmp/api-fuzz.XXXXXX)
  export SCHEMATHESIS_HOOKS=hooks PYTHONPATH="$here/scripts/api-fuzz" PYTHONDONTWRITEBYTECODE=1
  for stack in "${stacks[@]}"; do
    fuzz "$stack" || status=1
  done
  return "$status"
}

main "$@"
