#include "COpenBLAS.h"
#include <dlfcn.h>
#include <stdlib.h>

typedef void (*sgemm_function)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                               const float *b, int ldb, float beta, float *c, int ldc);
enum { row_major = 101, no_transpose = 111, transpose = 112 };
static sgemm_function sgemm;

int vlseg_openblas_open(int threads, const char *core_type) {
    if (sgemm) return 0;
    if (core_type) setenv("OPENBLAS_CORETYPE", core_type, 0);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) return -1;
    void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    if (set_threads) set_threads(threads);
    sgemm = (sgemm_function)dlsym(library, "cblas_sgemm");
    return sgemm ? 0 : -1;
}

int vlseg_openblas_sgemm(char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
                         const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    if (!sgemm) return -1;
    sgemm(row_major, transpose_a == 'T' ? transpose : no_transpose, transpose_b == 'T' ? transpose : no_transpose, (int)m, (int)n, (int)k,
          alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
    return 0;
}
