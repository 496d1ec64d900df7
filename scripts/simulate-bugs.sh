#!/usr/bin/env bash
# Plants the bugs of ordeal/bugs one at a time into a copy of the project and plays seeds until each is found.
#
#   scripts/simulate-bugs.sh                   every bug
#   scripts/simulate-bugs.sh settle-twice      one of them
#
# A patch that does not apply any more, or a bug that is not found, fails. PROFILE=dev builds faster and plays slower.
set -euo pipefail

readonly SECONDS_MAX=${SECONDS_MAX:-300}
readonly SEEDS_MAX=1000000
readonly FROM=${FROM:-1}

cd "$(dirname "$0")/.."
profile=${PROFILE:-release}
folder=$profile
[[ $profile != dev ]] || folder=debug
# Never the project's own: cargo tells a copy from the original by the time of its files alone.
export CARGO_TARGET_DIR=${BUGS_TARGET_DIR:-$PWD/target/bugs}

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"

failed=0
play() {
  local name=$1 patch=$PWD/ordeal/bugs/$1.patch said found
  if ! (cd "$copy" && git apply "$patch"); then
    printf '%-34s the patch does not apply\n' "$name"
    return 1
  fi
  if ! (cd "$copy" && cargo build --quiet --profile "$profile" -p ordeal); then
    (cd "$copy" && git apply --reverse "$patch")
    printf '%-34s it does not build\n' "$name"
    return 1
  fi
  said=$("$CARGO_TARGET_DIR/$folder/ordeal" --from "$FROM" --seeds "$SEEDS_MAX" --seconds "$SECONDS_MAX" --brief 2>&1 || true)
  (cd "$copy" && git apply --reverse "$patch")
  found=$(grep -o 'breaks .*' <<<"$said" | head -n 1 | cut -c 1-110 || true)
  if [[ -z $found ]]; then
    printf '%-34s not found: %s\n' "$name" "$said"
    return 1
  fi
  printf '%-34s %s; %s\n' "$name" "$(grep -o '^[0-9]* seeds from [0-9]* in [0-9.]* s' <<<"$said")" "$found"
}

for patch in ordeal/bugs/*.patch; do
  name=$(basename "$patch" .patch)
  [[ $# -eq 0 || " $* " == *" $name "* ]] || continue
  play "$name" || failed=1
done
exit "$failed"
