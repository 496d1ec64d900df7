#!/usr/bin/env bash
# Runs every test against a Redis and a Postgres of its own, and leaves nothing running.
#
#   scripts/test.sh                          every test of every crate
#   scripts/test.sh pause                    the tests with "pause" in their name
#   scripts/test.sh -p domain                the tests of one crate
#   scripts/test.sh -p dialer --test whole     whatever else `cargo test` understands
#   scripts/test.sh --servers COMMAND …      another command, with the same servers
#
# What is missing of redis-server and postgresql is installed from the system's packages. The tests find the servers by
# TEST_POSTGRES_URL and TEST_REDIS_URL, and Postgres' programs by TEST_POSTGRES_BIN: some tests start further servers of
# their own. No test is skipped: what cannot run fails.
set -euo pipefail

readonly PORT_TRIES_MAX=20
readonly START_S_MAX=60
readonly STOP_S_MAX=20
# Every test of the suite has a dialer of its own: an API and several workers, with a pool of connections each.
readonly POSTGRES_CONNECTIONS_MAX=500
readonly POLICY=/usr/sbin/policy-rc.d

cd "$(dirname "$0")/.."

work=""
redis_pid=""
postgres_pid=""
job_pid=""
policy_state=""

say() { printf 'test.sh: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# ---------------------------------------------------------------------------------------------------------------------
# Stopping

# True while the process `$1` runs, or, where it begins with a minus, anything of that group does. A zombie does not run:
# in a container nobody may ever bury it.
is_alive() {
  local target=$1 file line fields
  [[ -n "$target" ]] || return 1
  if [[ "$target" != -* ]]; then
    # No bare `return`: within a trap it would answer with the status from before the trap.
    if kill -s 0 -- "$target" 2>/dev/null; then return 0; else return 1; fi
  fi
  for file in /proc/[0-9]*/stat; do
    { read -r line <"$file"; } 2>/dev/null || continue
    # After the name, which may hold anything: state, parent, group.
    read -r -a fields <<<"${line##*) }"
    [[ "-${fields[2]}" != "$target" || "${fields[0]}" == Z ]] || return 0
  done
  return 1
}

# Sends `$2` to the process or group `$1`, and ends it where that is not heard.
stop() {
  local target=$1 signal=$2 tenths
  is_alive "$target" || return 0
  kill -s "$signal" -- "$target" 2>/dev/null || return 0
  for ((tenths = STOP_S_MAX * 10; tenths > 0; tenths--)); do
    is_alive "$target" || return 0
    sleep 0.1
  done
  say "process $target does not stop and is killed"
  kill -s KILL -- "$target" 2>/dev/null || true
}

cleanup() {
  local status=$?
  trap '' INT TERM HUP
  # The tests first, with everything they started; then what they stood on.
  [[ -z "$job_pid" ]] || stop "-$job_pid" TERM
  stop "$redis_pid" TERM
  stop "$postgres_pid" INT
  restore_policy
  if [[ -n "$work" ]]; then
    # A server that was cut off may still be writing its last file.
    rm -rf "$work" 2>/dev/null || { sleep 1 && rm -rf "$work"; } || say "could not remove $work"
  fi
  exit "$status"
}

trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---------------------------------------------------------------------------------------------------------------------
# Installing what is missing

# The folder with Postgres' programs: the one on PATH, else the newest of those that Debian keeps off it.
find_postgres() {
  local initdb
  if initdb=$(command -v initdb) && initdb=$(readlink -f "$initdb") && [[ -x "${initdb%/*}/postgres" ]]; then
    printf '%s\n' "${initdb%/*}"
    return
  fi
  { find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2>/dev/null || true; } | sort -V | tail -n 1
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

# Debian starts a service as soon as it is installed. Ours are private: nothing of the system's is to be started.
forbid_starts() {
  policy_state=absent
  if as_root test -e "$POLICY"; then
    policy_state=kept
    as_root mv "$POLICY" "$POLICY.before-tests"
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
  as_root chmod 755 "$POLICY"
}

restore_policy() {
  case "$policy_state" in
    absent) as_root rm -f "$POLICY" ;;
    kept) as_root mv -f "$POLICY.before-tests" "$POLICY" ;;
  esac
  policy_state=""
}

install() {
  local wanted="$*" status=0
  command -v apt-get >/dev/null ||
    die "needs $wanted, and there is no apt-get here to install it with; install it and run this again"
  if ((EUID != 0)) && ! { command -v sudo >/dev/null && as_root true; }; then
    die "needs $wanted, and only root can install it; run once as root: apt-get update && apt-get install $wanted"
  fi
  say "installing $wanted"
  as_root apt-get update -q >&2 || die "could not read the list of packages; install $wanted and run this again"
  forbid_starts
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2 || status=$?
  restore_policy
  ((status == 0)) || die "could not install $wanted; install it and run this again"
}

install_missing() {
  local missing=()
  { command -v redis-server && command -v redis-cli; } >/dev/null || missing+=(redis-server)
  [[ -n "$(find_postgres)" ]] || missing+=(postgresql)
  ((${#missing[@]} == 0)) || install "${missing[@]}"
  command -v redis-server >/dev/null || die "redis-server is installed and not on PATH"
  postgres_bin=$(find_postgres)
  [[ -n "$postgres_bin" ]] || die "postgresql is installed, and its initdb is not to be found"
}

# ---------------------------------------------------------------------------------------------------------------------
# Starting

# A port that nobody listens on now, below those that the system gives to clients.
free_port() {
  local port
  for _ in {1..100}; do
    port=$((15000 + RANDOM % 15000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%s\n' "$port"
      return
    fi
  done
  die "no port of 127.0.0.1 is free"
}

# Runs a server in the background, in the folder `$1`; `$!` is its own process id. It hears the signal `$2` should this
# script be killed. Job control gives it a group of its own, so that Ctrl-C reaches the tests before the servers.
spawn() {
  local folder=$1 signal=$2
  shift 2
  set -m
  (cd "$folder" && exec setpriv --pdeathsig "$signal" "$@") >"$folder.log" 2>&1 </dev/null &
  set +m
}

redis_is_ready() {
  # Somebody else's Redis may be on the port: ours knows its own process id.
  redis-cli -h 127.0.0.1 -p "$1" info server 2>/dev/null | tr -d '\r' | grep -qx "process_id:$redis_pid"
}

postgres_is_ready() {
  local lock="$work/postgres/data/postmaster.pid"
  [[ "$(sed -n 1p "$lock" 2>/dev/null)" == "$postgres_pid" && "$(sed -n 8p "$lock" 2>/dev/null)" == ready* ]]
}

# Waits until `$1 $3` says yes. Says no where the process `$2` is gone: somebody took its port meanwhile.
await_ready() {
  local is_ready=$1 pid=$2 port=$3 tenths
  for ((tenths = START_S_MAX * 10; tenths > 0; tenths--)); do
    is_alive "$pid" || return 1
    ! "$is_ready" "$port" || return 0
    sleep 0.1
  done
  return 1
}

start_redis() {
  local port tries
  mkdir "$work/redis"
  for ((tries = 0; tries < PORT_TRIES_MAX; tries++)); do
    port=$(free_port)
    spawn "$work/redis" TERM redis-server --bind 127.0.0.1 --port "$port" --save "" --appendonly no --daemonize no
    redis_pid=$!
    if await_ready redis_is_ready "$redis_pid" "$port"; then
      export TEST_REDIS_URL="redis://127.0.0.1:$port"
      return
    fi
    stop "$redis_pid" TERM
  done
  cat "$work/redis.log" >&2
  die "Redis does not start"
}

start_postgres() {
  local port tries servant=() data="$work/postgres/data"
  mkdir "$work/postgres"
  if ((EUID == 0)); then
    # Postgres refuses to be run by root.
    id postgres >/dev/null 2>&1 || die "there is no user postgres to run Postgres as"
    chown postgres: "$work/postgres"
    servant=(--reuid postgres --regid postgres --init-groups)
  fi
  # Only the making of the cluster is in a hurry: the server itself keeps its promises on disk.
  spawn "$work/postgres" INT "${servant[@]}" "$postgres_bin/initdb" -D "$data" -U postgres -A trust \
    --encoding UTF8 --locale C.UTF-8 --no-sync
  postgres_pid=$!
  wait "$postgres_pid" || {
    cat "$work/postgres.log" >&2
    die "Postgres cannot make a cluster"
  }
  for ((tries = 0; tries < PORT_TRIES_MAX; tries++)); do
    port=$(free_port)
    spawn "$work/postgres" INT "${servant[@]}" "$postgres_bin/postgres" -D "$data" \
      -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories="$work/postgres" \
      -c max_connections="$POSTGRES_CONNECTIONS_MAX"
    postgres_pid=$!
    if await_ready postgres_is_ready "$postgres_pid" "$port"; then
      export TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres" TEST_POSTGRES_BIN="$postgres_bin"
      return
    fi
    stop "$postgres_pid" INT
  done
  cat "$work/postgres.log" >&2
  die "Postgres does not start"
}

# ---------------------------------------------------------------------------------------------------------------------
# Running

# Runs a command in a group of its own, so that everything it starts can be found; fails as it fails.
run() {
  local status=0
  set -m
  "$@" </dev/null &
  job_pid=$!
  set +m
  wait "$job_pid" || status=$?
  stop "-$job_pid" TERM
  job_pid=""
  ((status == 0)) || exit "$status"
}

main() {
  local whole=(--workspace) argument
  command -v cargo >/dev/null || die "needs Rust: there is no cargo on PATH"
  install_missing
  # Readable for the user postgres, and short: the path of a Unix socket has at most 107 bytes.
  work=$(mktemp -d /tmp/dialer-test.XXXXXX)
  chmod 755 "$work"
  start_redis
  start_postgres
  # What tests leave in temporary folders goes with ours.
  mkdir "$work/tmp"
  chmod 1777 "$work/tmp"
  export TMPDIR="$work/tmp"
  # Many calls at once are many sockets at once.
  ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
  if [[ "${1-}" == --servers ]]; then
    shift
    run "$@"
    return
  fi
  for argument in "$@"; do
    case "$argument" in
      --) break ;;
      -p | -p?* | --package | --package=*) whole=() ;;
    esac
  done
  # The tests run the programs themselves; testing a crate builds that crate's programs only.
  run cargo build --workspace --bins
  # The tests wait for processes of their own most of the time: three for each core keep the machine busy.
  export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$(($(nproc) * 3))}
  run cargo test --no-fail-fast "${whole[@]}" "$@"
}

main "$@"
