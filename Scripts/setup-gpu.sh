#!/usr/bin/env bash
# Fetches the NVIDIA libraries that `--device cuda` opens at run time: NVRTC (compiles our kernels), cuBLAS and cuDNN, as NVIDIA's wheels from PyPI,
# about 1 GB to fetch. Not for: the driver, which comes with the system; a machine whose CUDA toolkit or PyTorch brings these libraries already.
# Safe to run again: what is there is kept. Needs python3 with venv, no root. Exit codes: 0 good, 2 bad arguments, 3 something missing.
#
#   Scripts/setup-gpu.sh [--cuda 12|13] [--into FOLDER] [--dry-run]
#
# --cuda 12|13    whose libraries; default: 13 for a driver of version 580 or later, 12 for 525 or later
# --into FOLDER   where to; default ~/.local/share/swift-vlseg/gpu, where the programs look of themselves
# --dry-run       say what would be fetched, and stop
set -euo pipefail
usage() { sed -n '2,10s/^# \{0,1\}//p' "$0"; }
fail() { echo "setup-gpu.sh: $2" >&2; exit "$1"; }

cuda="" default=$HOME/.local/share/swift-vlseg/gpu into="" dry_run=no
while [ $# -gt 0 ]; do
    case "$1" in
    --help) usage; exit 0 ;;
    --cuda | --into)
        [ $# -ge 2 ] || fail 2 "$1 needs a value"
        if [ "$1" = --cuda ]; then cuda=$2; else into=$2; fi
        shift ;;
    --dry-run) dry_run=yes ;;
    *) fail 2 "unknown argument $1; try --help" ;;
    esac
    shift
done
into=${into:-$default}
case "$cuda" in
'' | 12 | 13) ;;
*) fail 2 "--cuda is $cuda; expected 12 or 13" ;;
esac

# Such as 580.159.04; nothing where there is no driver.
driver_version() {
    local found=""
    if command -v nvidia-smi >/dev/null; then
        found=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | head -n 1 || true)
    fi
    if ! [[ $found =~ ^[0-9]+\. ]] && [ -r /proc/driver/nvidia/version ]; then
        found=$(sed -n '1s/.*[^0-9.]\([0-9][0-9]*\.[0-9][0-9.]*\) .*/\1/p' /proc/driver/nvidia/version)
    fi
    if [[ $found =~ ^[0-9]+\. ]]; then echo "$found"; fi
}

driver=$(driver_version)
if [ -n "$driver" ]; then
    echo "setup-gpu: driver $driver"
    major=${driver%%.*}
    if [ "$major" -lt 525 ]; then
        fail 3 "driver $driver is too old: CUDA 12 needs 525 or later, CUDA 13 580 or later; update the driver"
    elif [ "$cuda" = 13 ] && [ "$major" -lt 580 ]; then
        fail 3 "CUDA 13 needs driver 580 or later, and this is $driver; leave --cuda out, or update the driver"
    fi
    [ -n "$cuda" ] || { if [ "$major" -ge 580 ]; then cuda=13; else cuda=12; fi; }
elif [ -n "$cuda" ]; then
    echo "setup-gpu: no NVIDIA driver here; fetching CUDA $cuda as asked, but nothing will run until there is one" >&2
else
    fail 3 "no NVIDIA driver here (no nvidia-smi, no /proc/driver/nvidia/version). Install one, or name the libraries' version with --cuda 12|13"
fi

# Versions that are known to go together: those of PyTorch's own wheels for CUDA 13.0 and 12.8.
if [ "$cuda" = 13 ]; then
    wheels="nvidia-cuda-nvrtc==13.0.88 nvidia-cublas==13.1.0.3 nvidia-cudnn-cu13==9.19.0.56"
    wanted="cu13/lib/libnvrtc.so.13 cu13/lib/libcublasLt.so.13 cu13/lib/libcublas.so.13 cudnn/lib/libcudnn.so.9"
else
    wheels="nvidia-cuda-nvrtc-cu12==12.8.93 nvidia-cublas-cu12==12.8.4.1 nvidia-cudnn-cu12==9.19.0.56"
    wanted="cuda_nvrtc/lib/libnvrtc.so.12 cublas/lib/libcublasLt.so.12 cublas/lib/libcublas.so.12 cudnn/lib/libcudnn.so.9"
fi
if [ "$dry_run" = yes ]; then
    echo "setup-gpu: would fetch into $into: $wheels"
    exit 0
fi

command -v python3 >/dev/null || fail 3 "no python3; install python3 and python3-venv"
if ! "$into/bin/python" -m pip --version >/dev/null 2>&1; then
    mkdir -p "$into" || fail 3 "cannot make $into"
    python3 -m venv --clear "$into" || fail 3 "no python3 with venv; install python3-venv"
fi
python=$into/bin/python
# --no-deps: cuBLAS and cuDNN name no more than each other, and nothing of Python's is needed.
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: $wheels ||
    fail 3 "the wheels could not be fetched; a proxy or mirror is named by pip's own settings (PIP_INDEX_URL)"
folder=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/nvidia
for file in $wanted; do
    [ -f "$folder/$file" ] || fail 3 "the wheels do not hold $file, which the programs open; try another --cuda"
done
echo "setup-gpu: CUDA $cuda in $into, $(du -sm "$folder" | cut -f 1) MB:"
for file in $wanted; do
    printf '  %-28s %5d MB\n' "$(basename "$file")" "$(($(stat -L -c %s "$folder/$file") >> 20))"
done
if [ "$into" = "$default" ]; then
    echo "setup-gpu: the programs look there of themselves; train devices shows what they find"
else
    echo "setup-gpu: set this where the programs run, then train devices shows what they find:"
    echo "  export VLSEG_CUDA_PATH=$(cd "$into" && pwd)"
fi
