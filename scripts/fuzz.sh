#!/usr/bin/env bash
# Feeds the parsers of what strangers write with whatever reaches another branch of them, and checks what they make of it.
# The targets are in fuzz/targets/, each says what must hold; what they begin with is in fuzz/corpus/.
#
#   make fuzz                                        every target, for ten seconds each
#   make fuzz ARGS="--seconds 600 queries calendars" two of them, for ten minutes each
#   make fuzz ARGS="--again queries FILE"            the input of an earlier failure again
#   make fuzz ARGS="--keep"                          keeps what reached a new branch in fuzz/corpus/, as little as suffices
#
# A failure leaves its input in target/fuzz/found/. No nightly Rust is needed: nothing of ours is `unsafe`, so nothing is
# lost without a sanitizer.
set -euo pipefail

readonly CARGO_FUZZ=0.13.2
# More than any target needs to see everything that it tells apart.
readonly INPUT_BYTES_MAX=8192
readonly INPUT_S_MAX=10
readonly MEMORY_MB_MAX=2048

cd "$(dirname "$0")/.."
readonly built=$PWD/target/fuzz

seconds=10
keep=""
again=""
targets=()
work=""

say() { printf 'fuzz.sh: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

install_missing() {
  command -v cargo >/dev/null || die "needs Rust: there is no cargo on PATH"
  export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  command -v cargo-fuzz >/dev/null || cargo install --locked --version "$CARGO_FUZZ" cargo-fuzz
  # The fuzzer itself is C++.
  command -v c++ >/dev/null || {
    command -v apt-get >/dev/null || die "needs a C++ compiler, and there is no apt-get here; install it and run this again"
    say "installing a C++ compiler"
    { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends g++; } >&2 || die "could not install a C++ compiler"
  }
}

# The program of target `$1`, as cargo-fuzz builds it.
program() { printf '%s/%s/release/%s\n' "$built" "$(rustc -vV | sed -n 's/^host: //p')" "$1"; }

# Runs target `$1` on its corpus.
run() {
  local target=$1
  mkdir -p "$work/$target" "fuzz/corpus/$target"
  say "$target: $(find "fuzz/corpus/$target" -type f | wc -l) inputs, then by chance for $seconds s"
  "$(program "$target")" "$work/$target" "fuzz/corpus/$target" -max_total_time="$seconds" -max_len=$INPUT_BYTES_MAX \
    -timeout=$INPUT_S_MAX -rss_limit_mb=$MEMORY_MB_MAX -artifact_prefix="$built/found/$target-" -print_final_stats=1 \
    >"$work/log" 2>&1 || {
    tail -n 40 "$work/log" >&2
    say "$target: failed; once more: make fuzz ARGS=\"--again $target FILE\", with the file named above"
    return 1
  }
  sed -n 's/^stat::number_of_executed_units: */  inputs: /p; s/^stat::peak_rss_mb: */  most memory, MB: /p' "$work/log" >&2
  [[ -z "$keep" ]] || "$(program "$target")" -merge=1 "fuzz/corpus/$target" "$work/$target" >/dev/null 2>&1
}

main() {
  local target status=0
  while (($# > 0)); do
    case "$1" in
      --seconds) seconds=${2:?--seconds needs a number} && shift 2 ;;
      --keep) keep=yes && shift ;;
      --again) again=${3:?--again needs a target and a file} && targets=("$2") && shift 3 ;;
      --*) die "does not know $1; see the head of $0" ;;
      *) targets+=("$1") && shift ;;
    esac
  done
  install_missing
  cargo fuzz build --fuzz-dir fuzz --sanitizer none --target-dir "$built"
  if [[ -n "$again" ]]; then
    exec "$(program "${targets[0]}")" "$again"
  fi
  ((${#targets[@]} > 0)) || mapfile -t targets < <(cargo fuzz list --fuzz-dir fuzz)
  mkdir -p "$built/found"
  work=$(mktemp -d /tmp/fuzz.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  for target in "${targets[@]}"; do
    run "$target" || status=1
  done
  return "$status"
}

main "$@"
