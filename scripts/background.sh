# shellcheck shell=bash
# What runs in the background of a script: started, awaited, ended. Sourced, not run.
#
# The script has a function `die`, and sets `programs` (where cargo puts ours) and `work` (a folder for what they say).

readonly START_S_MAX=60
readonly STOP_S_MAX=30
readonly ADMIN=the-administrator-of-this-run

pids=()

# True while the process `$1` runs. A zombie does not: in a container nobody may ever bury it.
is_alive() {
  local line
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  # After the name, which may hold anything: the state.
  [[ "${line##*) }" != Z* ]]
}

# Ends what was spawned, the last first, each by its process id.
stop_spawned() {
  local at pid tenths
  for ((at = ${#pids[@]} - 1; at >= 0; at--)); do
    pid=${pids[at]}
    kill -s TERM "$pid" 2>/dev/null || continue
    for ((tenths = STOP_S_MAX * 10; tenths > 0; tenths--)); do
      is_alive "$pid" || continue 2
      sleep 0.1
    done
    echo "process $pid does not stop and is killed" >&2
    kill -s KILL "$pid" 2>/dev/null || true
  done
  pids=()
}

# Runs a program of ours in the background; it ends with this script, however that ends.
spawn() {
  local name=$1
  shift
  # shellcheck disable=SC2154 # the script sets them
  setpriv --pdeathsig TERM "$programs/$name" "$@" >>"$work/$name.log" 2>&1 </dev/null &
  pids+=($!)
}

# Waits until the command says yes; fails where the process that was started last is gone.
await() {
  local what=$1 tenths
  shift
  for ((tenths = START_S_MAX * 10; tenths > 0; tenths--)); do
    ! "$@" >/dev/null 2>&1 || return 0
    is_alive "${pids[-1]}" || break
    sleep 0.1
  done
  tail -n 20 "$work"/*.log >&2
  die "$what does not start"
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

is_ready() {
  python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1] + "/readyz", timeout=5)' "$1"
}

# Starts the pretend network; its address is in `carrier` then.
start_simulator() {
  spawn dialer-simulator
  await "the simulator" grep -q 'is ready at' "$work/dialer-simulator.log"
  carrier=$(sed -n 's/.*is ready at //p' "$work/dialer-simulator.log")
}

# What the dialer goes by: it is found at `$1`, and calls through the network at `carrier`.
configure_dialer() {
  export BIND_ADDR=${1#http://} PUBLIC_URL=$1 ADMIN_TOKEN=$ADMIN CARRIER=signalwire NO_COLOR=1 RUST_LOG=info
  export SIGNALWIRE_BASE_URL="$carrier/api/laml/2010-04-01" SIGNALWIRE_SIGNING_KEY=PSK-simulator
  export SIGNALWIRE_PROJECT_ID=11111111-2222-4333-8444-555555555555 SIGNALWIRE_API_TOKEN=PT-simulator
  export ELEVENLABS_BASE_URL=$carrier ELEVENLABS_API_KEY=xi-simulator ELEVENLABS_WEBHOOK_SECRET=wsec-simulator
  export OUTBOUND_PHONE_NUMBER=+12025550100 OUTBOUND_AGENT_ID=agent_demo
  export CARRIER_CALLS_PER_SECOND=500 CAMPAIGN_STARTS_PER_SLOT=20 RETRY_MINUTE_MS=100
  unset REDIS_URL
}

# Brings the schema up to date and starts the dialer, which answers at `$1` then.
start_dialer() {
  "$programs/dialer" migrate 2>>"$work/dialer.log"
  spawn dialer serve
  await "the dialer" is_ready "$1"
}

# Makes the virtual environment `$2` with what the file `$1` wants, unless it has that already.
make_venv() {
  ! cmp -s "$1" "$2/installed.txt" || return 0
  rm -rf "$2"
  python3 -m venv "$2"
  "$2/bin/pip" install -q --disable-pip-version-check -r "$1" >&2 || {
    rm -rf "$2"
    die "could not install $1 from the package index"
  }
  cp "$1" "$2/installed.txt"
}
