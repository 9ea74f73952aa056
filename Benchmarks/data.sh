#!/bin/sh
# The data side beside its peers: sharding, loading, tokenizing, on the same files and cores, runs alternating, the best of each taken.
# Not for: training steps (train.sh). Exit codes: 0 good, 2 bad arguments, 3 something missing.
#
#   Benchmarks/data.sh [--json FILE] [--quick] [--rounds N] [--only ingest,loader,tokenizer] [--work DIR]
#
# --quick: 96 pictures and 1,000 stored samples instead of 998 and 10,000; its figures say little.
# Pictures: $VLSEG_REAL_DATA or ../shared/data (Kvasir-SEG) where that is there, else drawn ones (Benchmarks/data/make.py says how).
# Python: $VLSEG_PYTHON if set, else Benchmarks/.venv, made on the first run (about 1.5 GB). Program: $VLSEG_PREP, else .build/release/prep.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
json= quick= rounds=3 only=ingest,loader,tokenizer work=$root/Benchmarks/.work

usage() { sed -n '2,11s/^# \{0,1\}//p' "$0"; }
while [ $# -gt 0 ]; do
    case "$1" in
    --help) usage; exit 0 ;;
    --quick) quick=1; shift ;;
    --json | --rounds | --only | --work)
        [ $# -ge 2 ] || { echo "data.sh: $1 needs a value" >&2; exit 2; }
        case "$1" in
        --json) json=$2 ;;
        --rounds) rounds=$2 ;;
        --only) only=$2 ;;
        --work) work=$2 ;;
        esac
        shift 2 ;;
    *) echo "data.sh: unknown argument \"$1\"" >&2; usage >&2; exit 2 ;;
    esac
done
case "$rounds" in '' | *[!0-9]* | 0) echo "data.sh: --rounds is \"$rounds\"; expected a whole number from 1" >&2; exit 2 ;; esac

python=${VLSEG_PYTHON:-}
imports='import sys; sys.path.insert(0, "'"$root"'/Benchmarks/data"); import peers, simplejpeg, webdataset, datasets, tokenizers, streaming'
if [ -z "$python" ]; then
    python=$root/Benchmarks/.venv/bin/python
    if ! "$python" -c "$imports" 2>/dev/null; then
        echo "making Benchmarks/.venv with the peers" >&2
        python3 -m venv "$root/Benchmarks/.venv" || { echo "data.sh: no python3 with venv; install python3-venv, or set VLSEG_PYTHON" >&2; exit 3; }
        # PyTorch for the CPU where the package index has it; torchvision's own wheel goes with both.
        "$python" -m pip install --quiet 'torch==2.13.0+cpu' 2>/dev/null || "$python" -m pip install --quiet 'torch==2.13.0'
        "$python" -m pip install --quiet -r "$root/Benchmarks/data/requirements.txt"
        "$python" -m pip install --quiet --no-deps mosaicml-streaming==0.13.0
    fi
fi
"$python" -c "$imports" || { echo "data.sh: $python lacks a peer" >&2; exit 3; }
prep=${VLSEG_PREP:-$root/.build/release/prep}
[ -x "$prep" ] || { echo "data.sh: no $prep; run: swift build -c release" >&2; exit 3; }
real=${VLSEG_REAL_DATA:-$root/../shared/data}
[ -d "$real/kvasir-seg-256" ] || real=
if [ -n "$quick" ]; then count=96 stored=1000 seconds=1; else count=998 stored=10000 seconds=3; fi
cores=$(nproc)
work=$work/${quick:+quick-}$([ -n "$real" ] && echo real || echo drawn)
mkdir -p "$work/out"
results=$(mktemp -d)
trap 'rm -rf "$results" "$work/out"' EXIT
peers=$root/Benchmarks/data
vocabulary=$work/text/vocab.txt
asked() { case ",$only," in *",$1,"*) true ;; *) false ;; esac; }

"$python" "$peers/make.py" "$work" --count "$count" ${real:+--real "$real"}
for set in small large; do
    [ -s "$work/manifests/$set.jsonl" ] && [ "$work/manifests/$set.jsonl" -nt "$work/$set/made-by" ] && continue
    "$prep" ingest kvasir --root "$work/$set" --captions "$work/$set/captions.json" --name $set --split 80/10/10 --manifests "$work/manifests" >/dev/null
    rm -rf "$work/shards" "$work/webdataset" "$work/arrow"
done

if asked loader && [ ! -f "$work/shards/complete" ]; then
    echo "making $stored stored samples, and the peers' copies of them" >&2
    "$python" "$peers/repeat.py" "$work/manifests" small stored "$stored"
    "$prep" shard stored --manifests "$work/manifests" --vocabulary "$vocabulary" --out "$work/shards" >/dev/null 2>&1
    rm -rf "$work/packed" "$work/webdataset" "$work/arrow"
    # Streaming would unpack beside our shards and keep both: the copies are made from a copy.
    cp -r "$work/shards/stored/train" "$work/packed"
    "$python" "$peers/loader.py" make-webdataset "$work/webdataset" "$cores" 1 "$stored" "$work/packed"
    "$python" "$peers/loader.py" make-arrow "$work/arrow" "$cores" 1 "$stored" "$work/packed"
    rm -rf "$work/packed" "$work/arrow.cache"
    touch "$work/shards/complete"
fi

clock() { "$python" -c 'import sys, subprocess, time, json
start = time.monotonic()
subprocess.run(sys.argv[2:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(json.dumps({"samples": int(sys.argv[1]), "seconds": time.monotonic() - start}))' "$@"; }

round=1
while [ "$round" -le "$rounds" ]; do
    echo "round $round of $rounds" >&2
    if asked ingest; then
        for set in small large; do
            for kind in pillow simplejpeg; do
                "$python" "$peers/ingest.py" "$work/$set" $kind "$cores" "$work/out/peer" >"$results/ingest.$set.$kind.$round"
            done
            rm -rf "$work/out/ours"
            clock "$count" "$prep" shard $set --manifests "$work/manifests" --vocabulary "$vocabulary" --out "$work/out/ours" >"$results/ingest.$set.ours.$round"
        done
    fi
    if asked loader; then
        "$prep" benchmark load "$work/shards/stored/train" --epochs 3 --json >"$results/loader.ours.$round"
        "$prep" benchmark load "$work/shards/stored/train" --epochs 2 --memory 500MB --json >"$results/loader.ours-500MB.$round"
        "$python" "$peers/loader.py" streaming "$work/shards/stored/train" "$cores" 2 "$stored" >"$results/loader.streaming.$round"
        "$python" "$peers/loader.py" webdataset "$work/webdataset" "$cores" 2 "$stored" >"$results/loader.webdataset.$round"
        "$python" "$peers/loader.py" arrow "$work/arrow" "$cores" 2 "$stored" >"$results/loader.arrow.$round"
        # One epoch of the slowest peer is enough: its epochs are alike.
        [ "$round" -gt 1 ] || "$python" "$peers/loader.py" jpeg "$work/small" "$cores" 1 "$stored" >"$results/loader.jpeg.$round"
    fi
    if asked tokenizer; then
        "$prep" benchmark tokenize "$work/text/captions.txt" --vocabulary "$vocabulary" --seconds "$seconds" --json >"$results/tokenizer.ours.$round"
        "$python" "$peers/tokenizer.py" "$work/text/captions.txt" "$vocabulary" 24 "$seconds" >"$results/tokenizer.rust.$round"
    fi
    round=$((round + 1))
done
"$python" "$peers/compare.py" "$results" "$([ -n "$real" ] && echo "Kvasir-SEG photographs" || echo "drawn pictures")" ${json:+"$json"}
