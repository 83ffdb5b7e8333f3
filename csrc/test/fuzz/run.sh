#!/bin/sh
# Runs one fuzz target over its seeds, then its planted fault, and prints a line.
# usage: run.sh FOLDER-OF-PROGRAMS TARGET RUNS   (from csrc/)
set -eu

out=$1 target=$2 runs=$3
seeds=test/fuzz/seeds/$target
work=$out/work/$target
options="-seed=1 -max_len=1024 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1"
case $target in
operations) options="$options -max_len=24" ;;
record) options="$options -max_len=48" runs=$((runs / 100)) ;; # whole recordings
esac
[ -e "test/fuzz/$target.dict" ] && options="$options -dict=test/fuzz/$target.dict"
rm -rf "$work"
mkdir -p "$work/found" "$work/planted"

stat_of() { # log, name
    sed -n "s/^stat::$2: *//p" "$1"
}

# shellcheck disable=SC2086
"$out/fuzz_$target" -runs="$runs" $options -artifact_prefix="$work/" "$work/found" "$seeds" \
    >"$work/log" 2>&1 || { echo "fuzz $target: FAILED"; tail -n 60 "$work/log"; exit 1; }

# shellcheck disable=SC2086
if "$out/planted/fuzz_$target" -runs="$runs" $options -artifact_prefix="$work/planted/" \
    "$work/planted" "$seeds" >"$work/planted.log" 2>&1; then
    echo "fuzz $target: its planted fault was MISSED"
    exit 1
fi
how=$(grep -m1 -oE 'ERROR: AddressSanitizer: [a-z-]+|broken: .*|runtime error: .*' "$work/planted.log")
after=$(stat_of "$work/planted.log" number_of_executed_units)

echo "fuzz $target: $(stat_of "$work/log" number_of_executed_units) executions clean," \
    "$(stat_of "$work/log" average_exec_per_sec) a second;" \
    "planted fault found after $after: ${how#ERROR: }"
