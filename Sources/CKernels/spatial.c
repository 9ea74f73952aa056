// Kernels that move memory or add few numbers: plain C for every instruction set.
#include "kernels.h"
#include <string.h>

struct spatial {
    int64_t h, w, k;
    const float *x;
    float bias;
    float *y;
};

static int64_t row_grain(int64_t elements) { return elements >= 8192 ? 1 : 8192 / (elements > 0 ? elements : 1); }

static void fill_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct spatial *k = context;
    (void)worker;
    for (int64_t i = begin; i < end; i++) k->y[i] = k->bias;
}

void vlseg_fill(int64_t n, float value, float *y) { vlseg_parallel(n, 65536, fill_range, &(struct spatial){.bias = value, .y = y}); }

// Patch kernels move bytes and do not know the element type: `c` is the size of a pixel, `run` that of a row of a patch, in bytes.
struct patches {
    int64_t h, w, k, c;
    const char *from;
    char *to;
};

// One unit is one row of patches; it copies the k runs of each patch.
static void gather_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct patches *k = context;
    (void)worker;
    int64_t across = k->w / k->k, down = k->h / k->k, run = k->k * k->c;
    for (int64_t unit = begin; unit < end; unit++)
        for (int64_t ky = 0; ky < k->k; ky++) {
            const char *x = k->from + ((unit / down * k->h + unit % down * k->k + ky) * k->w) * k->c;
            char *rows = k->to + unit * across * k->k * run + ky * run;
            for (int64_t i = 0; i < across; i++) memcpy(rows + i * k->k * run, x + i * run, (size_t)run);
        }
}

static void scatter_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct patches *k = context;
    (void)worker;
    int64_t across = k->w / k->k, down = k->h / k->k, run = k->k * k->c;
    for (int64_t unit = begin; unit < end; unit++)
        for (int64_t ky = 0; ky < k->k; ky++) {
            char *x = k->to + ((unit / down * k->h + unit % down * k->k + ky) * k->w) * k->c;
            const char *rows = k->from + unit * across * k->k * run + ky * run;
            for (int64_t i = 0; i < across; i++) memcpy(x + i * run, rows + i * k->k * run, (size_t)run);
        }
}

static void run_patches(vlseg_body body, int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, int64_t size, const void *from, void *to) {
    struct patches patches = {.h = h, .w = w, .k = k, .c = c * size, .from = from, .to = to};
    vlseg_parallel(b * (h / k), row_grain(w * c * k), body, &patches);
}

void vlseg_patch_gather(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *x, float *rows) {
    run_patches(gather_rows, b, h, w, c, k, sizeof *x, x, rows);
}

void vlseg_patch_gather_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *x, vlseg_bf16 *rows) {
    run_patches(gather_rows, b, h, w, c, k, sizeof *x, x, rows);
}

void vlseg_patch_scatter(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *rows, float *x) {
    run_patches(scatter_rows, b, h, w, c, k, sizeof *x, rows, x);
}

void vlseg_patch_scatter_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *rows, vlseg_bf16 *x) {
    run_patches(scatter_rows, b, h, w, c, k, sizeof *x, rows, x);
}

// The head after its convolution: pixel shuffle, zero padding of r - 1 at the top and left, r x r mean. One unit is one row of the output.
// It adds the r rows above, unshuffled, into one line, then adds r columns of the line.
static void shuffle_pool_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct spatial *k = context;
    (void)worker;
    int64_t r = k->k, wide = k->w * r, high = k->h * r;
    float *line = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(wide + r - 1) * sizeof(float));
    float factor = 1.0f / (float)(r * r);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t image = unit / high, row = unit % high;
        memset(line, 0, (size_t)(wide + r - 1) * sizeof(float));
        for (int64_t from = row - r + 1 > 0 ? row - r + 1 : 0; from <= row; from++) {
            const float *x = k->x + (image * k->h + from / r) * k->w * r * r + from % r * r;
            for (int64_t i = 0; i < k->w; i++)
                for (int64_t j = 0; j < r; j++) line[r - 1 + i * r + j] += x[i * r * r + j];
        }
        float *y = k->y + unit * wide;
        for (int64_t i = 0; i < wide; i++) {
            float sum = 0;
            for (int64_t j = 0; j < r; j++) sum += line[i + j];
            y[i] = sum * factor + k->bias;
        }
    }
}

void vlseg_shuffle_pool_forward(int64_t b, int64_t h, int64_t w, int64_t r, const float *x, float bias, float *y) {
    vlseg_parallel(b * h * r, row_grain(w * r), shuffle_pool_rows, &(struct spatial){.h = h, .w = w, .k = r, .x = x, .bias = bias, .y = y});
}

// The transpose: each shuffled pixel receives the gradients of the r rows below and the r columns to the right.
static void shuffle_pool_backward_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct spatial *k = context;
    (void)worker;
    int64_t r = k->k, wide = k->w * r, high = k->h * r;
    float *line = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(wide + r - 1) * sizeof(float));
    float factor = 1.0f / (float)(r * r);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t image = unit / high, row = unit % high;
        memset(line, 0, (size_t)(wide + r - 1) * sizeof(float));
        for (int64_t from = row; from < row + r && from < high; from++) {
            const float *dy = k->x + (image * high + from) * wide;
            for (int64_t i = 0; i < wide; i++) line[i] += dy[i];
        }
        float *dx = k->y + (image * k->h + row / r) * k->w * r * r + row % r * r;
        for (int64_t i = 0; i < k->w; i++)
            for (int64_t j = 0; j < r; j++) {
                float sum = 0;
                for (int64_t t = 0; t < r; t++) sum += line[i * r + j + t];
                dx[i * r * r + j] = sum * factor;
            }
    }
}

void vlseg_shuffle_pool_backward(int64_t b, int64_t h, int64_t w, int64_t r, const float *dy, float *dx) {
    vlseg_parallel(b * h * r, row_grain(w * r), shuffle_pool_backward_rows, &(struct spatial){.h = h, .w = w, .k = r, .x = dy, .y = dx});
}
