#include "CFFTW.h"
#include <fftw3.h>
#include <pthread.h>
#include <stdlib.h>

struct vlseg_cosine {
    fftwf_plan plan;
};

// The planner's tables are shared with fourier.c; see vlseg_fftw_planner there.
extern pthread_mutex_t vlseg_fftw_planner;

vlseg_cosine *vlseg_cosine_create(int64_t rows, int64_t columns) {
    vlseg_cosine *c = calloc(1, sizeof *c);
    float *map = fftwf_alloc_real((size_t)(rows * columns)), *out = fftwf_alloc_real((size_t)(rows * columns));
    if (c && map && out) {
        pthread_mutex_lock(&vlseg_fftw_planner);
        // Unaligned, because later calls pass arrays of the caller.
        c->plan = fftwf_plan_r2r_2d((int)rows, (int)columns, map, out, FFTW_REDFT10, FFTW_REDFT10,
                                    FFTW_ESTIMATE | FFTW_PRESERVE_INPUT | FFTW_UNALIGNED);
        pthread_mutex_unlock(&vlseg_fftw_planner);
    }
    fftwf_free(map);
    fftwf_free(out);
    if (!c || !c->plan) {
        vlseg_cosine_destroy(c);
        return 0;
    }
    return c;
}

void vlseg_cosine_destroy(vlseg_cosine *c) {
    if (!c) return;
    pthread_mutex_lock(&vlseg_fftw_planner);
    if (c->plan) fftwf_destroy_plan(c->plan);
    pthread_mutex_unlock(&vlseg_fftw_planner);
    free(c);
}

void vlseg_cosine_forward(const vlseg_cosine *c, const float *map, float *coefficients) {
    fftwf_execute_r2r(c->plan, (float *)map, coefficients);
}
