// The engine, the stream and the matrix product.
#include "COneDNN.h"
#include "onednn.h"
#include <pthread.h>

static dnnl_engine_t engine;
static dnnl_stream_t stream;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_engine(void) {
    if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) {
        engine = 0;
        return;
    }
    if (dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success) stream = 0;
}

dnnl_engine_t vlseg_onednn_engine(void) {
    pthread_once(&once, make_engine);
    return engine;
}
dnnl_stream_t vlseg_onednn_stream(void) {
    pthread_once(&once, make_engine);
    return stream;
}

int vlseg_onednn_version(void) {
    const dnnl_version_t *version = dnnl_version();
    return version->major * 100 + version->minor;
}

int vlseg_onednn_sgemm(char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
                       const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
    return (int)dnnl_sgemm(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
