#!/usr/bin/env bash
# Measures this working copy beside another commit, in turn, with the same workloads, and prints for each workload one JSON
# line: every figure's median of both, and the ratio of the two.
#
#   scripts/test.sh --servers scripts/bench-compare.sh BASE [W1 W2 …]
#
# The commit is built in a worktree below target/, with a target folder of its own that is kept. PAIRS=5 says how many pairs.
# This working copy must have been built before (`make bench-compare` does both).
set -euo pipefail

cd "$(dirname "$0")/.."
readonly BASE=${1:?BASE: which commit?}
shift
readonly WORKLOADS=("${@:-W1 W2}")
readonly PAIRS=${PAIRS:-5}
readonly FOLDER=$PWD/target/bench-compare
readonly OURS=${CARGO_TARGET_DIR:-$PWD/target}/release
readonly THEIRS=$FOLDER/target/release
results=$(mktemp -d)

say() { printf 'bench-compare.sh: %s\n' "$*" >&2; }

cleanup() {
  local status=$?
  git worktree remove --force "$FOLDER/base" 2>/dev/null || true
  rm -rf "$results"
  exit "$status"
}

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

build() {
  git worktree prune
  mkdir -p "$FOLDER"
  git worktree add --force --detach "$FOLDER/base" "$BASE" >&2
  (cd "$FOLDER/base" && CARGO_TARGET_DIR="$FOLDER/target" cargo build --release -p dialer -p workers -p simulator \
    --bin dialer --bin dialer-worker --bin dialer-simulator)
}

# The same program drives both, so that nothing but what is measured differs.
run() {
  "$OURS/workloads" "$2" --runs 1 --programs "$1"
}

compare() {
  python3 - "$1" "$BASE" "$results/$1.ours" "$results/$1.theirs" <<'PY'
import json
import statistics
import sys

workload, base, ours, theirs = sys.argv[1:]


def figures(file):
    with open(file, encoding="utf-8") as lines:
        return [json.loads(line)["figures"] for line in lines]


ours, theirs = figures(ours), figures(theirs)
compared = {}
for name in ours[0]:
    if not all(name in run for run in ours + theirs):
        continue
    now, before = (statistics.median(run[name] for run in runs) for runs in (ours, theirs))
    ratio = round(now / before, 3) if before else None
    compared[name] = {"now": round(now, 3), "base": round(before, 3), "ratio": ratio}
print(json.dumps({"workload": workload, "base": base, "pairs": len(ours), "figures": compared}))
PY
}

main() {
  local pair workload
  [[ -x "$OURS/workloads" ]] || { say "$OURS/workloads is not built; run make bench-compare"; exit 1; }
  build
  # shellcheck disable=SC2068 # the default is several words
  for workload in ${WORKLOADS[@]}; do
    for ((pair = 1; pair <= PAIRS; pair++)); do
      say "$workload, pair $pair of $PAIRS"
      # Who is first changes, so that neither always meets what the other left behind.
      if ((pair % 2)); then
        run "$THEIRS" "$workload" >>"$results/$workload.theirs"
        run "$OURS" "$workload" >>"$results/$workload.ours"
      else
        run "$OURS" "$workload" >>"$results/$workload.ours"
        run "$THEIRS" "$workload" >>"$results/$workload.theirs"
      fi
    done
    compare "$workload"
  done
}

main
