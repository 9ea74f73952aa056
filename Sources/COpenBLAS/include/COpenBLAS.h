// OpenBLAS, opened at run time and only when asked for: its core type must be in the environment before the library is loaded, because
// its own detection picks AVX2 kernels on processors with AVX-512 it does not know. It is the matrix product where oneDNN has no fast one
// (arm64).
#pragma once
#include <stdint.h>

/// Opens the library; `core_type` (for example "SkylakeX") is put into OPENBLAS_CORETYPE unless the user set it,
/// null leaves the detection alone. 0 when ready, -1 when the library is not there. Only the first call loads.
int vlseg_openblas_open(const char *core_type);
/// As vlseg_onednn_sgemm, on `threads` threads; calls from several threads wait for one another, since the library has one team alone.
/// With `threads` 0, for calls from inside a parallel region, neither. Returns -1 when the library was not opened.
int vlseg_openblas_sgemm(int threads, char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                         int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
