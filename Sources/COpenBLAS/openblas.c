#include "COpenBLAS.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

typedef void (*sgemm_function)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                               const float *b, int ldb, float beta, float *c, int ldc);
enum { row_major = 101, no_transpose = 111, transpose = 112 };
static sgemm_function sgemm;
static void (*set_threads)(int);
static int threads_set; // as the library has them
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int open_library(const char *core_type) {
    if (sgemm) return 0;
    if (core_type) setenv("OPENBLAS_CORETYPE", core_type, 0);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) return -1;
    set_threads = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    sgemm = (sgemm_function)dlsym(library, "cblas_sgemm");
    return sgemm ? 0 : -1;
}

int vlseg_openblas_open(const char *core_type) {
    pthread_mutex_lock(&lock);
    int status = open_library(core_type);
    pthread_mutex_unlock(&lock);
    return status;
}

int vlseg_openblas_sgemm(int threads, char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                         int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    if (!sgemm) return -1;
    if (threads > 0) pthread_mutex_lock(&lock);
    if (threads > 0 && set_threads && threads_set != threads) {
        set_threads(threads);
        threads_set = threads;
    }
    sgemm(row_major, transpose_a == 'T' ? transpose : no_transpose, transpose_b == 'T' ? transpose : no_transpose, (int)m, (int)n, (int)k,
          alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
    if (threads > 0) pthread_mutex_unlock(&lock);
    return 0;
}
