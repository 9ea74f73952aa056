#!/usr/bin/env bash
# Fuzzes the parsers of foreign bytes with libFuzzer and the address sanitizer (both are part of the Swift toolchain).
#   Scripts/fuzz.sh [PARSER...] [--minutes N]     N CPU-minutes for each parser named, or for all; 20 by default
#                   [--skip-build]                with the program as it was built last
#   Scripts/fuzz.sh --summary                     what has been done so far
# Corpora, findings and the time spent are kept in .fuzz/, so runs add up. Exit code 1 where something was found.
# What was found is to be copied to Tests/Fuzz/Findings/PARSER/ with its fix: the suite replays those.
set -euo pipefail
cd "$(dirname "$0")/.."

all="png jpeg tiff bmp gif webp xlsx csv captions vocabulary mds-index mds-shard zstd mask-runs safetensors pytorch npy"
minutes=20
only_summary=0
build=1
parsers=""
while [ $# -gt 0 ]; do
    case "$1" in
        --minutes) minutes=${2:?--minutes needs a number}; shift ;;
        --skip-build) build=0 ;;
        --summary) only_summary=1 ;;
        -h | --help) sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
        *) case " $all " in
               *" $1 "*) parsers="$parsers $1" ;;
               *) echo "fuzz: no parser is named \"$1\"; there are: $all" >&2; exit 2 ;;
           esac ;;
    esac
    shift
done
parsers=${parsers:-$all}
work=$PWD/.fuzz

summary() {
    printf '%-12s %14s %12s %8s %9s\n' parser executions CPU-minutes corpus findings
    for parser in $parsers; do
        ledger=$work/$parser/ledger
        [ -f "$ledger" ] || continue
        awk -v name="$parser" -v corpus="$(ls "$work/$parser/corpus" | wc -l)" -v found="$(ls "$work/$parser/findings" | wc -l)" \
            '{ runs += $1; seconds += $2 } END { printf "%-12s %14d %12.1f %8d %9d\n", name, runs, seconds / 60, corpus, found }' "$ledger"
    done
}
if [ "$only_summary" -eq 1 ]; then summary; exit 0; fi

export VLSEG_FUZZ=1
# The last -sanitize option of swiftc replaces the others, so both stand in one; the C compiler adds them up.
flags="-c release --product fuzz --sanitize=address --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address --scratch-path .build/fuzz"
if [ "$build" -eq 1 ]; then swift build $flags 2>&1 | grep -E "error|Compiling|Build" | tail -n 3; fi
built=$(swift build $flags --show-bin-path)/fuzz
[ -x "$built" ] || { echo "fuzz: the program was not built" >&2; exit 3; }
mkdir -p "$work"
program=$work/program.$$
cp "$built" "$program"
# Foundation's XML reader leaks the error it made, 72 bytes a broken file; nothing of ours.
echo "leak:_CFErrorCreateFromXMLInterface" > "$work/leaks.$$"
export LSAN_OPTIONS="suppressions=$work/leaks.$$:print_suppressions=0"
# Swift's own crash reports would wait on a terminal; libFuzzer prints the trace.
export SWIFT_BACKTRACE=enable=no
trap 'rm -f "$work/leaks.$$" "$program" "$work/output.$$" "$work/time.$$" "$work/again.$$"' EXIT

# Seeds: those of this folder, past findings, and the golden files of the parser's kind.
seeds() {
    mkdir -p "$work/$1/corpus" "$work/$1/findings"
    case "$1" in
        png | bmp | gif | webp | safetensors) golden="*.$1" ;;
        jpeg) golden="*.jpg" ;;
        tiff) golden="*.tif" ;;
        xlsx) golden="*.xlsx" ;;
        pytorch) golden="*.pt" ;;
        *) golden="" ;;
    esac
    {
        for folder in Tests/Fuzz/Seeds/$1 Tests/Fuzz/Findings/$1; do [ -d "$folder" ] && find "$folder" -type f; done
        [ -n "$golden" ] && find Tests/*/Golden -name "$golden" -size -9k
    } | while read -r file; do cp -n "$file" "$work/$1/corpus/seed-$(basename "$file")" 2>/dev/null || true; done || true
}

limit_of() {
    case "$1" in
        vocabulary | csv | captions | mds-index) echo 2048 ;;
        mds-shard | zstd | mask-runs) echo 1024 ;;
        *) echo 8192 ;;
    esac
}

status=0
TIMEFORMAT='%U %S'
for parser in $parsers; do
    seeds "$parser"
    ledger=$work/$parser/ledger
    touch "$ledger"
    spent=0
    crashes=0
    # In pieces of at most two minutes of wall time, counted by the CPU time that each really had.
    while awk "BEGIN { exit !($spent < $minutes * 60) }"; do
        piece=$(awk "BEGIN { left = $minutes * 60 - $spent; print int(left < 1 ? 1 : left > 120 ? 120 : left + 0.5) }")
        { time VLSEG_FUZZ_PARSER=$parser nice -n 19 "$program" "$work/$parser/corpus" -artifact_prefix="$work/$parser/findings/" \
            -max_total_time="$piece" -max_len="$(limit_of "$parser")" -timeout=60 -rss_limit_mb=2560 -malloc_limit_mb=1100 \
            -print_final_stats=1 < /dev/null > "$work/output.$$" 2>&1 && code=0 || code=$?; } 2> "$work/time.$$"
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/output.$$" | tail -n 1)
        seconds=$(tail -n 1 "$work/time.$$" | awk '{ print $1 + $2 }')
        echo "${runs:-0} $seconds $(date -u +%FT%TZ)" >> "$ledger"
        spent=$(awk "BEGIN { print $spent + ($seconds > 0.5 ? $seconds : 0.5) }")
        # A process that was stopped for a while looks like one that hangs: what passes on its own within ten seconds is no finding.
        for file in "$work/$parser/findings"/timeout-* "$work/$parser/findings"/slow-unit-*; do
            [ -f "$file" ] || continue
            if VLSEG_FUZZ_PARSER=$parser bash -c 'ulimit -t 10; exec "$0" "$1"' "$program" "$file" > "$work/again.$$" 2>&1; then
                rm "$file"
                code=0
            fi
        done
        if [ "$code" -ne 0 ]; then
            status=1
            crashes=$((crashes + 1))
            cp "$work/output.$$" "$work/$parser/output-$(date -u +%H%M%S).txt"
            echo "fuzz: $parser: $(grep -m 1 -E 'SUMMARY|Fatal error|ERROR' "$work/output.$$" || echo "exit code $code")"
            if [ "$crashes" -ge 5 ]; then echo "fuzz: $parser: five findings, going on with the next parser"; break; fi
        fi
    done
done
summary
exit $status
