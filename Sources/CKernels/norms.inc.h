// Layer norm over the columns of each row; batch norm over the rows of each column, with a fused leaky ReLU.
// Typed (typed.inc.h): compiled for float32 and for bfloat16.
struct TYPED(norm) {
    int64_t rows, c, chunks;
    float eps, slope;
    const element *x, *dy;
    const float *gamma, *beta, *mean_in, *rstd_in;
    element *y;
    float *mean, *rstd, *partials;
    double *sums;
};

/// Sum of x - mean over the row (of its square with `squared`).
INLINE float TYPED(row_sum)(const element *x, int64_t c, float mean, const int squared) {
    vf sum = {};
    int64_t j = 0;
    for (; j + LANES <= c; j += LANES) {
        vf d = squared ? load(x + j) - mean : load(x + j);
        sum = squared ? sum + d * d : sum + d;
    }
    if (j < c) {
        vf d = squared ? choose(first_lanes(c - j), load_some(x + j, c - j) - mean, splat(0.0f)) : load_some(x + j, c - j);
        sum = squared ? sum + d * d : sum + d;
    }
    return sum_lanes(sum);
}

// Several rows are processed together, step by step: within one row every step depends on the previous one.
static void TYPED(layer_norm_forward_rows)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(norm) *k = context;
    (void)worker;
    int64_t c = k->c;
    for (int64_t block = begin; block < end; block += NORM_ROWS) {
        int64_t rows = least(NORM_ROWS, end - block);
        float mean[NORM_ROWS], rstd[NORM_ROWS];
        for (int64_t i = 0; i < rows; i++) mean[i] = TYPED(row_sum)(k->x + (block + i) * c, c, 0, 0) / (float)c;
        for (int64_t i = 0; i < rows; i++) rstd[i] = TYPED(row_sum)(k->x + (block + i) * c, c, mean[i], 1) / (float)c;
        for (int64_t i = 0; i < rows; i++) rstd[i] = 1.0f / sqrtf(rstd[i] + k->eps);
        for (int64_t i = 0; i < rows; i++) {
            const element *x = k->x + (block + i) * c;
            element *y = k->y + (block + i) * c;
            for (int64_t j = 0; j < c; j += LANES) {
                vf normal = (load_some(x + j, c - j) - mean[i]) * rstd[i];
                store_some(y + j, normal * load_some(k->gamma + j, c - j) + load_some(k->beta + j, c - j), c - j);
            }
            if (k->mean != NULL) k->mean[block + i] = mean[i];
            if (k->rstd != NULL) k->rstd[block + i] = rstd[i];
        }
    }
}

static void TYPED(layer_norm_forward)(int64_t rows, int64_t c, float eps, const element *x, const float *gamma, const float *beta,
                                      element *y, float *mean, float *rstd) {
    struct TYPED(norm) k = {.c = c, .eps = eps, .x = x, .gamma = gamma, .beta = beta, .y = y, .mean = mean, .rstd = rstd};
    vlseg_parallel(rows, row_grain(c), TYPED(layer_norm_forward_rows), &k);
}

// dx = rstd (g - mean(g) - n mean(g n)); n is the normalised x, g = gamma dy, and the means are over the row.
static void TYPED(layer_norm_backward_chunks)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(norm) *k = context;
    (void)worker;
    int64_t c = k->c, wide = round_up(c);
    for (int64_t chunk = begin; chunk < end; chunk++) {
        float *dgamma = k->partials + chunk * 2 * wide, *dbeta = dgamma + wide;
        memset(dgamma, 0, (size_t)(2 * wide) * sizeof(float));
        int64_t last = chunk_begin(k->rows, k->chunks, chunk + 1);
        for (int64_t r = chunk_begin(k->rows, k->chunks, chunk); r < last; r++) {
            const element *x = k->x + r * c, *dy = k->dy + r * c;
            element *dx = k->y + r * c;
            float mean = k->mean_in[r], rstd = k->rstd_in[r];
            vf sum = {}, product = {};
            for (int64_t j = 0; j < c; j += LANES) {
                vf normal = (load_some(x + j, c - j) - mean) * rstd;
                vf d = load_some(dy + j, c - j); // 0 beyond the tail, so the sums do not change there
                vf g = d * load_some(k->gamma + j, c - j);
                sum += g;
                product += g * normal;
                store(dgamma + j, load(dgamma + j) + d * normal);
                store(dbeta + j, load(dbeta + j) + d);
            }
            float mean_g = sum_lanes(sum) / (float)c, mean_product = sum_lanes(product) / (float)c;
            for (int64_t j = 0; j < c; j += LANES) {
                vf normal = (load_some(x + j, c - j) - mean) * rstd;
                vf g = load_some(dy + j, c - j) * load_some(k->gamma + j, c - j);
                store_some(dx + j, (g - mean_g - normal * mean_product) * rstd, c - j);
            }
        }
    }
}

static void TYPED(layer_norm_backward)(int64_t rows, int64_t c, const element *x, const float *gamma, const float *mean, const float *rstd,
                                       const element *dy, element *dx, float *dgamma, float *dbeta) {
    if (rows <= 0) return;
    struct TYPED(norm) k = {.rows = rows, .c = c, .x = x, .gamma = gamma, .mean_in = mean, .rstd_in = rstd, .dy = dy, .y = dx};
    int64_t wide = round_up(c);
    k.chunks = row_chunks(rows, c);
    k.partials = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(k.chunks * 2 * wide) * sizeof(float));
    vlseg_parallel(k.chunks, 1, TYPED(layer_norm_backward_chunks), &k);
    add_partials(k.partials, k.chunks, 2 * wide, c, dgamma);
    add_partials(k.partials + wide, k.chunks, 2 * wide, c, dbeta);
}

// Stores two double sums per column and chunk at sums[(chunk * 2 + s) * c + j].
INLINE void TYPED(store_double_sums)(const struct TYPED(norm) * k, int64_t chunk, int64_t j, const double *first, const double *second) {
    for (int64_t lane = 0; lane < least(LANES, k->c - j); lane++) {
        k->sums[(chunk * 2) * k->c + j + lane] = first[lane];
        k->sums[(chunk * 2 + 1) * k->c + j + lane] = second[lane];
    }
}

INLINE void TYPED(batch_norm_sum_strip)(const struct TYPED(norm) * k, int64_t chunk, int64_t first, int64_t last, int64_t j,
                                        const int vectors) {
    vd sum[DOUBLE_STRIP] = {}, squares[DOUBLE_STRIP] = {};
    for (int64_t r = first; r < last; r++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < vectors; i++) {
            vd x = __builtin_convertvector(load_some(k->x + r * k->c + j + i * LANES, k->c - j - i * LANES), vd);
            sum[i] += x;
            squares[i] += x * x;
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < vectors; i++)
        TYPED(store_double_sums)(k, chunk, j + i * LANES, (const double *)&sum[i], (const double *)&squares[i]);
}

static void TYPED(batch_norm_sum_chunks)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(norm) *k = context;
    (void)worker;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t first = chunk_begin(k->rows, k->chunks, chunk), last = chunk_begin(k->rows, k->chunks, chunk + 1), j = 0;
        for (; j + DOUBLE_STRIP * LANES <= k->c; j += DOUBLE_STRIP * LANES)
            TYPED(batch_norm_sum_strip)(k, chunk, first, last, j, DOUBLE_STRIP);
        for (; j < k->c; j += LANES) TYPED(batch_norm_sum_strip)(k, chunk, first, last, j, 1);
    }
}

INLINE double TYPED(column_total)(const struct TYPED(norm) * k, int which, int64_t j) {
    double total = 0;
    for (int64_t chunk = 0; chunk < k->chunks; chunk++) total += k->sums[(chunk * 2 + which) * k->c + j];
    return total;
}

// y = leaky((x - mean) rstd gamma + beta)
static void TYPED(batch_norm_apply_rows)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(norm) *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        int64_t at = r * k->c;
        for (int64_t j = 0; j < k->c; j += LANES) {
            int64_t left = k->c - j;
            vf normal = (load_some(k->x + at + j, left) - load_some(k->mean_in + j, left)) * load_some(k->rstd_in + j, left);
            vf y = normal * load_some(k->gamma + j, left) + load_some(k->beta + j, left);
            store_some(k->y + at + j, choose(y > 0.0f, y, y * k->slope), left);
        }
    }
}

static void TYPED(batch_norm_forward)(int64_t rows, int64_t c, float eps, float momentum, float slope, const element *x, const float *gamma,
                                      const float *beta, float *running_mean, float *running_var, element *y, float *mean, float *rstd) {
    if (rows <= 0) return;
    struct TYPED(norm)
        k = {.rows = rows, .c = c, .slope = slope, .x = x, .gamma = gamma, .beta = beta, .y = y, .mean_in = mean, .rstd_in = rstd};
    k.chunks = row_chunks(rows, c);
    k.sums = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(k.chunks * 2 * c) * sizeof(double));
    vlseg_parallel(k.chunks, 1, TYPED(batch_norm_sum_chunks), &k);
    for (int64_t j = 0; j < c; j++) {
        double average = TYPED(column_total)(&k, 0, j) / (double)rows;
        double variance = TYPED(column_total)(&k, 1, j) / (double)rows - average * average;
        if (variance < 0) variance = 0;
        double unbiased = rows > 1 ? variance * (double)rows / (double)(rows - 1) : variance;
        mean[j] = (float)average;
        rstd[j] = (float)(1.0 / sqrt(variance + (double)eps));
        running_mean[j] = (float)((1.0 - (double)momentum) * running_mean[j] + (double)momentum * average);
        running_var[j] = (float)((1.0 - (double)momentum) * running_var[j] + (double)momentum * unbiased);
    }
    vlseg_parallel(rows, row_grain(c), TYPED(batch_norm_apply_rows), &k);
}

static void TYPED(batch_norm_inference)(int64_t rows, int64_t c, float eps, float slope, const element *x, const float *gamma,
                                        const float *beta, const float *running_mean, const float *running_var, element *y) {
    float *rstd = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)c * sizeof(float));
    for (int64_t j = 0; j < c; j++) rstd[j] = 1.0f / sqrtf(running_var[j] + eps);
    struct TYPED(norm) k = {.c = c, .slope = slope, .x = x, .gamma = gamma, .beta = beta, .y = y, .mean_in = running_mean, .rstd_in = rstd};
    vlseg_parallel(rows, row_grain(c), TYPED(batch_norm_apply_rows), &k);
}

// The normalised value and the gradient that reaches it, for LANES columns at `at`.
#define BATCH_NORM_GRADIENT(K, AT, J, LEFT, NORMAL, D)                                                                                     \
    vf NORMAL = (load_some((K)->x + (AT), LEFT) - load_some((K)->mean_in + (J), LEFT)) * load_some((K)->rstd_in + (J), LEFT);              \
    vf D = load_some((K)->dy + (AT), LEFT);                                                                                                \
    D = choose(NORMAL * load_some((K)->gamma + (J), LEFT) + load_some((K)->beta + (J), LEFT) > 0.0f, D, D * (K)->slope)

INLINE void TYPED(batch_norm_backward_sum_strip)(const struct TYPED(norm) * k, int64_t chunk, int64_t first, int64_t last, int64_t j,
                                                 const int vectors) {
    vd products[DOUBLE_STRIP] = {}, sum[DOUBLE_STRIP] = {};
    for (int64_t r = first; r < last; r++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < vectors; i++) {
            int64_t at = j + i * LANES, left = k->c - at;
            BATCH_NORM_GRADIENT(k, r * k->c + at, at, left, normal, d);
            products[i] += __builtin_convertvector(d * normal, vd);
            sum[i] += __builtin_convertvector(d, vd);
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < vectors; i++)
        TYPED(store_double_sums)(k, chunk, j + i * LANES, (const double *)&products[i], (const double *)&sum[i]);
}

static void TYPED(batch_norm_backward_sum_chunks)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(norm) *k = context;
    (void)worker;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t first = chunk_begin(k->rows, k->chunks, chunk), last = chunk_begin(k->rows, k->chunks, chunk + 1), j = 0;
        for (; j + DOUBLE_STRIP * LANES <= k->c; j += DOUBLE_STRIP * LANES)
            TYPED(batch_norm_backward_sum_strip)(k, chunk, first, last, j, DOUBLE_STRIP);
        for (; j < k->c; j += LANES) TYPED(batch_norm_backward_sum_strip)(k, chunk, first, last, j, 1);
    }
}

// dx = gamma rstd (d - mean(d) - n mean(d n)), means over the rows. The two means of column j are at partials[j] and partials[c + j].
static void TYPED(batch_norm_backward_rows)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(norm) *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        for (int64_t j = 0; j < k->c; j += LANES) {
            int64_t left = k->c - j;
            BATCH_NORM_GRADIENT(k, r * k->c + j, j, left, normal, d);
            vf mean_product = load_some(k->partials + j, left), mean_d = load_some(k->partials + k->c + j, left);
            vf factor = load_some(k->gamma + j, left) * load_some(k->rstd_in + j, left);
            store_some(k->y + r * k->c + j, factor * (d - mean_d - normal * mean_product), left);
        }
    }
}

static void TYPED(batch_norm_backward)(int64_t rows, int64_t c, float slope, const element *x, const float *gamma, const float *beta,
                                       const float *mean, const float *rstd, const element *dy, element *dx, float *dgamma, float *dbeta) {
    if (rows <= 0) return;
    struct TYPED(norm) k = {
        .rows = rows, .c = c, .slope = slope, .x = x, .gamma = gamma, .beta = beta, .mean_in = mean, .rstd_in = rstd, .dy = dy, .y = dx};
    k.chunks = row_chunks(rows, c);
    k.sums = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(k.chunks * 2 * c) * sizeof(double) + (size_t)(2 * c) * sizeof(float));
    k.partials = (float *)(k.sums + k.chunks * 2 * c);
    vlseg_parallel(k.chunks, 1, TYPED(batch_norm_backward_sum_chunks), &k);
    for (int64_t j = 0; j < c; j++) {
        double product = TYPED(column_total)(&k, 0, j), sum = TYPED(column_total)(&k, 1, j);
        k.partials[j] = (float)(product / (double)rows);
        k.partials[c + j] = (float)(sum / (double)rows);
        dgamma[j] += (float)product;
        dbeta[j] += (float)sum;
    }
    vlseg_parallel(rows, row_grain(c), TYPED(batch_norm_backward_rows), &k);
}
