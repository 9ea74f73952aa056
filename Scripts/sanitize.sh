#!/usr/bin/env bash
# The test suite under a sanitizer of the Swift toolchain.
#   Scripts/sanitize.sh address [FILTER]    by default all suites; those of networks, trainings and the built programs take longest
#   Scripts/sanitize.sh thread  [FILTER]    by default the loader, the sharder, files, parallel work, downloads
#   Scripts/sanitize.sh cuda    [FILTER]    the CUDA kernels, run on the CPU under the address sanitizer, with shared memory that is not a number before
#                                           every block, so that a missing barrier shows
#   Scripts/sanitize.sh KIND --debug [FILTER]   in debug configuration, with which the programs are built too; C, C++ and kernels are optimised
# XCTest, of which there are no tests here, is left out: its runner leaks 144 bytes of its own.
# Exit code 1 where a test fails or the sanitizer reports something. The build is kept in .build/KIND, or .build/KIND-debug.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-}
configuration=release
[ "${2:-}" = --debug ] && { configuration=debug; set -- "$1" "${@:3}"; }
case "$kind" in
    address) filter=${2:-'FilesTests|ImagingTests|TextTests|TablesTests|DatasetsTests|ShardsTests|WeightFilesTests|StatisticsTests|FuzzTests|CommandLineToolTests|CPixelsTests|CKernelsTests|TensorsTests|RemoteShardsTests|ExportingTests|NetworksTests|TrainingTests|CommandTests'} ;;
    cuda) filter=${2:-'TensorsTests|DeviceTests'} ;;
    thread) filter=${2:-'FilesTests|ShardsTests|DatasetsTests|RemoteShardsTests'} ;;
    -h | --help) sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
    *) echo "sanitize: say which: Scripts/sanitize.sh address|thread|cuda [FILTER]" >&2; exit 2 ;;
esac

log=$(mktemp)
trap 'rm -f "$log" "$log.leaks"' EXIT
# Foundation's XML reader leaks the error it made of a broken file, and its Process a weak reference for each program started; nothing of ours.
printf 'leak:%s\n' _CFErrorCreateFromXMLInterface Foundation7ProcessC3run > "$log.leaks"
export LSAN_OPTIONS="suppressions=$log.leaks:print_suppressions=0"
export ASAN_OPTIONS="detect_leaks=1"
export TSAN_OPTIONS="halt_on_error=0"
export SWIFT_BACKTRACE=enable=no
sanitizer=$kind flags=() place=.build/$kind
if [ "$kind" = cuda ]; then
    sanitizer=address flags=(-Xcxx -DCUDACPU_SERIAL)
    # The emulator switches stacks by itself. Six frames tell where memory came from; the usual thirty cost a tenth of the time.
    export ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=0:malloc_context_size=6"
fi
# Only the test targets that the filter means are built: one of their suites, or their own name, matches.
targets=""
for file in Tests/*Tests/*.swift Tests/Fuzz/Replay/*.swift; do
    target=$(basename "$(dirname "$file")")
    [ "$target" = Replay ] && target=FuzzTests
    case ",$targets," in *",$target,"*) continue ;; esac
    if { echo "$target"; sed -nE 's/.*@Suite.* (struct|class) ([A-Za-z0-9_]+).*/\2/p; s/^(struct|final class) ([A-Za-z0-9_]+Tests)\b.*/\2/p' "$file"; } | grep -qE "$filter"; then
        targets=${targets:+$targets,}$target
    fi
done
[ -n "$targets" ] || { echo "sanitize: no suite of Tests/ matches the filter $filter" >&2; exit 2; }
if [ $configuration = debug ]; then
    targets=$targets,prep,train,segment place=.build/$kind-debug
    flags+=(-Xcc -O2 -Xcxx -O2)
fi
export VLSEG_TEST_TARGETS=$targets
code=0
# One test at a time: the stand-in's shared memory is one section of the program, and a report names the test that it belongs to.
swift test -c $configuration --disable-xctest --disable-index-store --sanitize="$sanitizer" "${flags[@]}" --scratch-path "$place" --no-parallel --filter "$filter" 2>&1 | tee "$log" | grep -aE "✘|ERROR|WARNING: ThreadSanitizer|SUMMARY|Test run" || code=$?
reports=$(grep -acE "ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer" "$log" || true)
grep -aqE "Test run with .* passed" "$log" || { echo "sanitize: the tests did not pass; the last lines:" >&2; tail -n 20 "$log" >&2; exit 1; }
echo "sanitize: $kind: $reports reports"
[ "$reports" -eq 0 ] || { cp "$log" "$place/report.txt"; echo "sanitize: the whole output is in $place/report.txt" >&2; exit 1; }
