#!/usr/bin/env bash
# Kills `prep ingest` and `prep shard` (kill -9) at random moments, runs them again, and compares every file with an undisturbed run's.
#   Scripts/crash-test.sh [--rounds N] [--seed N] [--pictures N] [--bin DIR]    100 rounds of each of the three kinds by default
# Kinds: ingest; shard (nothing there before); reshard (shards of another size are there and are replaced). A round kills one to three times.
# At the end the same on a full disk: a small file system in memory, which only root can mount; skipped with a message elsewhere.
# Exit code 1 where bytes differ, something is left over, or what stands there after a kill is half a result.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=100
seed=1
pictures=40
bin=""
while [ $# -gt 0 ]; do
    case "$1" in
        --rounds) rounds=${2:?}; shift ;;
        --seed) seed=${2:?}; shift ;;
        --pictures) pictures=${2:?}; shift ;;
        --bin) bin=$(cd "${2:?}" && pwd); shift ;;
        -h | --help) sed -n '2,6p' "$0" | sed 's/^# \{0,1\}//'; exit 0 ;;
        *) echo "crash-test: unknown argument \"$1\"; see --help" >&2; exit 2 ;;
    esac
    shift
done
[ -n "$bin" ] || bin=$(swift build -c release --show-bin-path)
[ -x "$bin/prep" ] || { echo "crash-test: $bin/prep is not there; run: swift build -c release" >&2; exit 3; }

work=$(mktemp -d)
small=""
clean() {
    [ -z "$small" ] || umount "$small" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
RANDOM=$seed
cd "$work"
prep=$bin/prep

ingest() { "$prep" ingest kvasir --root data --name demo --manifests manifests; }
shard() { "$prep" shard demo --manifests manifests --out shards --size 64 --shard-bytes 60000; }
reshard() { "$prep" shard demo --manifests manifests --out shards --size 96 --shard-bytes 400000 --overwrite; }
# Every file below a folder, hidden ones too, with its hash.
fingerprints() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum; find . -type d | sort); }
now() { date +%s%N; }

"$prep" demo --out data --count "$pictures" > /dev/null
declare -A took
for kind in ingest shard reshard; do
    began=$(now)
    $kind > log 2>&1 || { cat log >&2; exit 3; }
    took[$kind]=$((($(now) - began) / 1000))
    case $kind in
        ingest) fingerprints manifests > want.ingest; cp -a manifests manifests.whole ;;
        shard) fingerprints shards > want.shard; cp -a shards shards.whole ;;
        reshard) fingerprints shards > want.reshard ;;
    esac
done

# What stands under final names after a kill must be whole: a manifest that `prep` reads; shards that `prep verify` passes, or no index.
half_done() {
    if [ "$1" = ingest ]; then
        [ ! -e manifests/demo.jsonl ] || cmp -s manifests/demo.jsonl manifests.whole/demo.jsonl || echo "half a manifest"
    else
        for index in shards/demo/*/index.json; do
            [ -e "$index" ] || continue
            "$prep" verify "$(dirname "$index")" > log 2>&1 || { echo "an index of shards that are not whole:"; head -n 3 log; }
        done
    fi
}

bad=0
for kind in ingest shard reshard; do
    kills=0
    late=0
    faults=0
    for ((round = 1; round <= rounds; round++)); do
        case $kind in
            ingest) rm -rf manifests ;;
            shard) rm -rf shards ;;
            reshard) rm -rf shards; cp -a shards.whole shards ;;
        esac
        times=$((RANDOM % 3 + 1))
        for ((time = 0; time < times; time++)); do
            set -m
            $kind > log 2>&1 &
            victim=$!
            set +m
            sleep "$(awk "BEGIN { printf \"%.6f\", ${took[$kind]} * $((RANDOM * 32768 + RANDOM)) / 1073741824 / 1e6 }")"
            # The whole job: the shell function and the program in it.
            if kill -9 -- -$victim 2> /dev/null; then kills=$((kills + 1)); else late=$((late + 1)); fi
            wait $victim 2> /dev/null || true
            half=$(half_done $kind)
            if [ -n "$half" ]; then
                echo "crash-test: $kind, round $round (seed $seed): after the kill there is $half" >&2
                faults=$((faults + 1))
            fi
        done
        if ! $kind > log 2>&1; then
            echo "crash-test: $kind, round $round (seed $seed): the run after the kill failed:" >&2
            cat log >&2
            faults=$((faults + 1))
            continue
        fi
        [ $kind = ingest ] && folder=manifests || folder=shards
        if ! fingerprints $folder | diff want.$kind - > log; then
            echo "crash-test: $kind, round $round (seed $seed): the result differs from an undisturbed run's:" >&2
            head -n 6 log >&2
            faults=$((faults + 1))
        fi
    done
    echo "$kind: $rounds rounds, $kills kills ($late runs were done before theirs), $faults faults"
    bad=$((bad + faults))
done

if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=400k tmpfs full 2> /dev/null; then
    small=$work/full
    rm -rf manifests shards
    cp -a manifests.whole manifests
    faults=0
    runs=0
    # Each time another amount of room is taken away first.
    for room in 20 60 100 140 180 220 260 300 340 380; do
        rm -rf full/* full/.[!.]*
        head -c $(((400 - room) * 1024)) /dev/zero > full/ballast 2> /dev/null || true
        for kind in ingest shard; do
            folder=full/$kind
            mkdir -p $folder 2> /dev/null || true
            code=0
            if [ $kind = ingest ]; then
                "$prep" ingest kvasir --root data --name demo --manifests $folder > log 2>&1 || code=$?
            else
                "$prep" shard demo --manifests manifests --out $folder --size 64 --shard-bytes 60000 --compression none > log 2>&1 || code=$?
            fi
            runs=$((runs + 1))
            if [ $code -ne 0 ] && { [ $code -ne 3 ] || ! grep -q "no space left" log; }; then
                echo "crash-test: full disk, $kind with $room KiB: exit code $code:" >&2
                cat log >&2
                faults=$((faults + 1))
            fi
            if [ $kind = ingest ]; then
                left=$(find $folder -type f | wc -l)
                if [ $code -eq 0 ]; then wanted=2; else wanted=0; fi
                [ "$left" -eq $wanted ] || { echo "crash-test: full disk, ingest with $room KiB: $left files in place of $wanted" >&2; faults=$((faults + 1)); }
            elif [ $code -ne 0 ] && [ -n "$(find $folder -name index.json)" ]; then
                for index in $(find $folder -name index.json); do
                    "$prep" verify "$(dirname "$index")" > log 2>&1 || { cat log >&2; faults=$((faults + 1)); }
                done
            fi
        done
        # With room again, the same place must come out right.
        rm -f full/ballast
        mount -o remount,size=16m full
        "$prep" ingest kvasir --root data --name demo --manifests full/ingest > log 2>&1 || { cat log >&2; faults=$((faults + 1)); }
        fingerprints full/ingest | diff want.ingest - >&2 || faults=$((faults + 1))
        "$prep" shard demo --manifests manifests --out full/shard --size 64 --shard-bytes 60000 > log 2>&1 || { cat log >&2; faults=$((faults + 1)); }
        fingerprints full/shard | diff want.shard - >&2 || faults=$((faults + 1))
        rm -rf full/*
        mount -o remount,size=400k full
    done
    echo "full disk: $runs runs, $faults faults"
    bad=$((bad + faults))
else
    echo "full disk: skipped; only root can mount a small file system here"
fi
[ $bad -eq 0 ] || exit 1
