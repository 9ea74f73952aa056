#include "CFFTW.h"
#include <fftw3.h>
#include <pthread.h>
#include <stdlib.h>

// FFTW makes and destroys plans with shared tables, so one thread at a time may do it.
pthread_mutex_t vlseg_fftw_planner = PTHREAD_MUTEX_INITIALIZER;

struct vlseg_fourier {
    fftwf_plan forward, inverse;
};

vlseg_fourier *vlseg_fourier_create(int64_t rows, int64_t columns) {
    vlseg_fourier *f = calloc(1, sizeof *f);
    float *map = fftwf_alloc_real((size_t)(rows * columns));
    fftwf_complex *spectrum = fftwf_alloc_complex((size_t)(rows * (columns / 2 + 1)));
    if (f && map && spectrum) {
        pthread_mutex_lock(&vlseg_fftw_planner);
        // Out of place; the forward transform preserves its input.
        f->forward = fftwf_plan_dft_r2c_2d((int)rows, (int)columns, map, spectrum, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
        f->inverse = fftwf_plan_dft_c2r_2d((int)rows, (int)columns, spectrum, map, FFTW_ESTIMATE);
        pthread_mutex_unlock(&vlseg_fftw_planner);
    }
    fftwf_free(map);
    fftwf_free(spectrum);
    if (!f || !f->forward || !f->inverse) {
        vlseg_fourier_destroy(f);
        return 0;
    }
    return f;
}

void vlseg_fourier_destroy(vlseg_fourier *f) {
    if (!f) return;
    pthread_mutex_lock(&vlseg_fftw_planner);
    if (f->forward) fftwf_destroy_plan(f->forward);
    if (f->inverse) fftwf_destroy_plan(f->inverse);
    pthread_mutex_unlock(&vlseg_fftw_planner);
    free(f);
}

void vlseg_fourier_forward(const vlseg_fourier *f, const float *map, float *spectrum) {
    fftwf_execute_dft_r2c(f->forward, (float *)map, (fftwf_complex *)spectrum);
}

void vlseg_fourier_inverse(const vlseg_fourier *f, float *spectrum, float *map) {
    fftwf_execute_dft_c2r(f->inverse, (fftwf_complex *)spectrum, map);
}
