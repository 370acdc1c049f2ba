#!/usr/bin/env bash
# Runs every fuzz test for a time, some in parallel, and counts them. A failing input
# is written to the testdata beside the test: commit it with the fix.
#   tests/fuzz/run.sh TIME [JOBS]
set -euo pipefail
cd "$(dirname "$0")/../.."
time=$1 jobs=${2:-2}
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# Minimizing an input could take the whole time of its target, so it is limited to a
# hundred tries.
run() { # run TIME LOGS FOLDER TEST
  local name=${3#./}:$4 log="$2/${3//\//_}$4"
  if go test "$3" -run '^$' -fuzz "^$4\$" -fuzztime "$1" -fuzzminimizetime 100x -parallel 1 >"$log" 2>&1; then
    echo "ok $name: $(grep -o 'execs: [0-9]*' "$log" | tail -n 1)"
  else
    echo "FAIL $name"
    tail -n 60 "$log"
    touch "$log.failed"
  fi
}
export -f run

targets=$(grep -ro --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' shared tests | sed -E 's,^(.*)/[^/]*:func (.*),./\1 \2,' | sort -u)
echo "$targets" | xargs -P "$jobs" -L 1 bash -c 'run "$0" "$1" "$2" "$3"' "$time" "$logs"
count=$(wc -l <<<"$targets")
failed=$(find "$logs" -name '*.failed' | wc -l)
echo "$((count - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
