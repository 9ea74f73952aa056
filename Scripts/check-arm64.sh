#!/usr/bin/env bash
# Checks on an x86-64 machine that the C parts are good on arm64: every C target compiles for it, and the vector and byte kernels, run in QEMU, give what
# this machine's portable ones give, within rounding (byte kernels: exactly).
#   Scripts/check-arm64.sh
# Wants clang with an AArch64 target (Swift's has it) and: apt-get install qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross
# Not shown by it: Swift's side, for which Swift's toolchain for arm64 is needed; nothing there depends on the processor.
# Exit codes: 0 good, 1 something differs or does not compile, 3 a tool is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

root=/usr/aarch64-linux-gnu
for need in clang qemu-aarch64-static aarch64-linux-gnu-gcc; do
    command -v "$need" > /dev/null || {
        echo "check-arm64: $need is missing; apt-get install qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross (clang comes with Swift)" >&2
        exit 3
    }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The libraries' headers are this machine's; only the C library's and the compiler's are arm64's.
arm="clang --target=aarch64-linux-gnu --sysroot=$root -isystem $root/include -O2 -std=gnu11 -Wall -Werror=implicit-function-declaration"
code=0
for folder in Sources/C*/; do
    name=$(basename "$folder")
    ls "$folder"*.c > /dev/null 2>&1 || continue
    for file in "$folder"*.c; do
        $arm -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu -I"${folder}include" -I"$folder" -fsyntax-only "$file" || { echo "check-arm64: $file does not compile" >&2; code=1; }
    done
    echo "compiles: $name"
done

includes="-ISources/CKernels/include -ISources/CPixels/include"
sources="Tests/Arm64/kernels.c $(ls Sources/CKernels/*.c Sources/CPixels/*.c)"
clang -O2 -std=gnu11 $includes $sources -o "$work/here" -lgomp -lm -lpthread -L"$(dirname "$(gcc -print-file-name=libgomp.so)")"
objects=()
for file in $sources; do
    object=$work/$(echo "$file" | tr / _).o
    $arm $includes -I"$(dirname "$file")" -c "$file" -o "$object"
    objects+=("$object")
done
aarch64-linux-gnu-gcc "${objects[@]}" -o "$work/arm" -lgomp -lm -lpthread
"$work/here" portable > "$work/here.txt"
qemu-aarch64-static -L "$root" "$work/arm" > "$work/arm.txt"

# Rounding differs: arm64 multiplies and adds in one step. A bf16 number may fall to the other side.
awk '
    FNR == NR { wanted[FNR] = $0; lines = FNR; next }
    /^#/ { if ($0 != wanted[FNR]) { print "check-arm64: \"" $0 "\" stands where \"" wanted[FNR] "\" was expected"; bad = 1 }
           name = substr($0, 3); names++; exact = name ~ /^exact/; tolerance = exact ? 0 : name ~ /bf16/ ? 0.008 : 2e-5; next }
    { difference = $1 - wanted[FNR]; if (difference < 0) difference = -difference
      size = wanted[FNR] < 0 ? -wanted[FNR] : wanted[FNR]; allowed = tolerance * (size > 1 ? size : 1)
      if (!(difference <= allowed)) { if (!(name in seen)) print "check-arm64: " name ": " $1 " where this machine has " wanted[FNR]; seen[name] = 1; bad = 1 }
      numbers++; if (!exact && difference / (size > 1 ? size : 1) > worst[name ~ /bf16/]) worst[name ~ /bf16/] = difference / (size > 1 ? size : 1) }
    END { if (FNR != lines) { print "check-arm64: " FNR " lines, " lines " expected"; bad = 1 }
          printf "%d kernels, %d numbers; largest difference %.1e in float32, %.1e in bf16\n", names, numbers, worst[0], worst[1]; exit bad }
' "$work/here.txt" "$work/arm.txt" || code=1
exit $code
