#!/bin/sh
# Speed of the vector kernels of the image path (Sources/CKernels), float32 and bfloat16: GFLOP/s and GB/s for each kernel and shape.
# Not for: matrix products (oneDNN's), whole training steps (train.sh). Exit codes: 0 good, 2 bad arguments, 3 something missing.
#
#   Benchmarks/kernels.sh [--threads=N] [--set=avx512|avx2|portable] [--only=PART OF A NAME]
#
# Compiler: $CC if set, else clang (the kernels need clang; Swift's toolchain has one).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cc=${CC:-clang}
command -v "$cc" >/dev/null || { echo "kernels.sh: no compiler \"$cc\"; install clang or set CC to Swift's (usr/bin/clang of the toolchain)" >&2; exit 3; }
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
"$cc" -O2 -std=gnu11 -I"$root/Sources/CKernels/include" "$root"/Benchmarks/kernels/kernels.c "$root"/Sources/CKernels/*.c -lgomp -lm -lpthread -o "$build/kernels" ||
    { echo "kernels.sh: the kernels did not compile with \"$cc\"; it must be clang, with libgomp" >&2; exit 3; }
"$build/kernels" "$@"
