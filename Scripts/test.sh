#!/usr/bin/env bash
# Sets the machine up, builds everything once in release mode and runs the whole test suite.
# Tests that need real data run where it is found (VLSEG_REAL_DATA) and say that they are skipped elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh
swift build -c release --build-tests
# Many tests with threads of their own share the cores: a thread that waits for others should not spin.
export OMP_WAIT_POLICY=passive
if swift test -c release --skip-build "$@"; then
    echo "test: all tests passed"
else
    code=$?
    echo "test: FAILED; the failing tests are marked above with a cross" >&2
    exit "$code"
fi
