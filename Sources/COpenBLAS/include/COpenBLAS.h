// OpenBLAS, opened at run time and only on request. Its core type must be in the environment before the library is loaded, because its own
// detection selects AVX2 kernels on AVX-512 processors that it does not know. It computes the matrix products on machines for which oneDNN
// has no fast kernel (arm64).
#pragma once
#include <stdint.h>

/// Opens the library. `core_type` (for example "SkylakeX") is written to OPENBLAS_CORETYPE unless the user set it; null keeps the library's
/// own detection. Returns 0 if ready, -1 if the library is missing. Only the first call loads.
int vlseg_openblas_open(const char *core_type);
/// As vlseg_onednn_sgemm, on `threads` threads. Calls from several threads wait for one another, because the library has only one team.
/// With `threads` 0, for calls from inside a parallel region, neither applies. Returns -1 if the library is not open.
int vlseg_openblas_sgemm(int threads, char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                         int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
