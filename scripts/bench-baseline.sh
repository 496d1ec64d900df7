#!/usr/bin/env bash
# Measures the dialer beside another one, in turn, on the same machine and with the same carrier, and prints for each
# workload one JSON line: both medians, and the median of the ratios of the pairs (above 1: ours is faster).
#
#   scripts/test.sh --servers scripts/bench-baseline.sh BASELINE [W1 W2 W3]
#
# BASELINE is the folder of the other dialer (Node.js; bench.mjs, stub.mjs and svc.sh are what is used of it). Nothing is
# written there: a copy is run, in which the carrier signs its callbacks as a real one does. PAIRS=5 says how many pairs.
set -euo pipefail

cd "$(dirname "$0")/.."
readonly BASELINE=${1:?BASELINE: which folder is the other dialer in?}
shift
readonly WORKLOADS=("${@:-W1 W2 W3}")
readonly PAIRS=${PAIRS:-5}
# Ours has a carrier of its own on this port; the baseline starts its own on 7393.
readonly STUB_PORT=${STUB_PORT:-7396}
readonly KEY=PSK-bench
readonly COPY=$PWD/target/bench-baseline
readonly PROGRAMS=$PWD/${CARGO_TARGET_DIR:-target}/${PROFILE:-dist}
BASELINE_DATA=$(mktemp -d /tmp/dialer-baseline.XXXXXX)
# Its Postgres runs as another user.
chmod 755 "$BASELINE_DATA"
export BASELINE_DATA
results=$(mktemp -d)
stub_pid=""

say() { printf 'bench-baseline.sh: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

stop_stub() {
  [[ -z "$stub_pid" ]] || kill "$stub_pid" 2>/dev/null || true
  [[ -z "$stub_pid" ]] || wait "$stub_pid" 2>/dev/null || true
  stub_pid=""
}

cleanup() {
  local status=$?
  stop_stub
  (cd "$COPY" 2>/dev/null && ./svc.sh stop) || true
  sleep 2
  rm -rf "$BASELINE_DATA" "$results" || true
  exit "$status"
}

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A copy with its packages, and with a carrier that signs. The signature is what SignalWire's own SDK checks.
prepare() {
  { command -v node && command -v npm; } >/dev/null || die "needs Node.js and npm"
  mkdir -p "$COPY"
  cp --no-preserve=mode "$BASELINE"/*.mjs "$BASELINE"/*.sql "$BASELINE"/*.sh "$BASELINE"/package.json "$COPY/"
  chmod +x "$COPY/svc.sh"
  (cd "$COPY" && npm install --no-audit --no-fund --omit=dev >/dev/null)
  node --input-type=module - "$COPY/stub.mjs" <<'JS'
import fs from 'node:fs';
const file = process.argv[2], plain = "'application/x-www-form-urlencoded' }, body });";
const text = fs.readFileSync(file, 'utf8');
if (!text.includes(plain)) throw new Error('the carrier sends its callbacks in another way than expected');
const sign = `
function signature(url, body) {
  const key = process.env.SIGNING_KEY;
  if (!key) return {};
  const form = qs.parse(body), text = url + Object.keys(form).sort().map(name => name + form[name]).join('');
  return { 'x-signalwire-signature': crypto.createHmac('sha1', key).update(text).digest('base64') };
}
`;
const signed = plain.replace(' }', ', ...signature(call.cb, body) }');
fs.writeFileSync(file, text.replace(plain, signed) + sign);
JS
  (cd "$COPY" && ./svc.sh start >/dev/null) || die "its Redis and Postgres do not start"
}

# The carrier for ours: instant calls for W1, those of the baseline's W2 for W2.
start_stub() {
  local scenario='{"ringMs":0,"talkMs":0,"busy":false}' tenths
  [[ "$1" != W2 ]] || scenario='{"ringMs":100,"talkMs":2000,"busy":false}'
  (cd "$COPY" && exec env STUB_PORT="$STUB_PORT" SIGNING_KEY="$KEY" node stub.mjs) >/dev/null 2>&1 &
  stub_pid=$!
  for ((tenths = 0; tenths < 100; tenths++)); do
    curl -sf -o /dev/null -d "$scenario" "http://127.0.0.1:$STUB_PORT/_scenario" && return
    sleep 0.1
  done
  die "the carrier does not start"
}

ours() {
  start_stub "$1"
  "$PROGRAMS/workloads" "$1" --runs 1 --carrier "http://127.0.0.1:$STUB_PORT" --carrier-key "$KEY" \
    --carrier-process "$stub_pid"
  stop_stub
}

theirs() {
  local sizes=()
  [[ "$1" != W3 ]] || sizes=(--n=1000000)
  (cd "$COPY" && SIGNING_KEY="$KEY" node bench.mjs "$1" "${sizes[@]}")
}

# The one figure of each side that is compared, from the lines of all pairs.
compare() {
  node - "$1" "$results/$1.ours" "$results/$1.theirs" <<'JS'
const fs = require('node:fs'), [workload, ours, theirs] = process.argv.slice(2);
const lines = file => fs.readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line));
const name = { W1: ['calls_per_s', 'callsPerSecond'], W2: ['utilisation', 'utilisation'], W3: ['rows_per_s', 'rowsPerSecond'] }[workload];
const median = list => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)];
const a = lines(ours).map(line => line.figures[name[0]]), b = lines(theirs).map(line => line[name[1]]);
const foreign = lines(ours).map(line => line.figures.foreign_cpu_s);
const round = figure => Math.round(figure * 1000) / 1000;
const out = { workload, figure: name[0], pairs: a.length, ours: round(median(a)), baseline: round(median(b)),
  ratio: round(median(a.map((figure, at) => figure / b[at]))), ours_all: a.map(round), baseline_all: b.map(round), foreign_cpu_s: foreign.map(round) };
// What everything but the carrier and the driver spent: the rest of the machine hardly changes that.
const spent = (figures, names) => names.reduce((sum, each) => sum + figures[each], 0);
const c = lines(ours).map(line => spent(line.figures, ['api_cpu_s', 'workers_cpu_s', 'postgres_cpu_s', 'redis_cpu_s']));
const d = lines(theirs).filter(line => line.cpuSeconds).map(line => spent(line.cpuSeconds, ['api', 'worker', 'postgres', 'redis']));
out.cpu_s = round(median(c));
if (d.length === c.length) Object.assign(out, { baseline_cpu_s: round(median(d)), cpu_ratio: round(median(c.map((figure, at) => figure / d[at]))) });
console.log(JSON.stringify(out));
JS
}

main() {
  local pair workload
  [[ -x "$PROGRAMS/workloads" ]] || die "$PROGRAMS/workloads is not built; run make bench-baseline"
  prepare
  # shellcheck disable=SC2068 # the default is several words
  for workload in ${WORKLOADS[@]}; do
    for ((pair = 1; pair <= PAIRS; pair++)); do
      say "$workload, pair $pair of $PAIRS"
      # Who is first changes, so that neither always meets what the other left behind.
      if ((pair % 2)); then
        ours "$workload" | tee -a "$results/$workload.ours" >&2
        theirs "$workload" | tee -a "$results/$workload.theirs" >&2
      else
        theirs "$workload" | tee -a "$results/$workload.theirs" >&2
        ours "$workload" | tee -a "$results/$workload.ours" >&2
      fi
    done
    compare "$workload"
  done
}

main
