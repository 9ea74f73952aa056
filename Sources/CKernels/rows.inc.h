// Kernels over rows of c columns: biases, tables, the layer scale, softmax. Column sums go over fixed chunks of rows.
struct rows {
    int64_t rows, c, period, chunks;
    const float *x, *z, *gamma, *dy;
    float *y, *partials;
};

static void add_bias_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct rows *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        float *y = k->y + r * k->c;
        for (int64_t j = 0; j < k->c; j += LANES)
            store_some(y + j, load_some(y + j, k->c - j) + load_some(k->gamma + j, k->c - j), k->c - j);
    }
}

static void add_bias(int64_t rows, int64_t c, const float *bias, float *y) {
    vlseg_parallel(rows, row_grain(c), add_bias_rows, &(struct rows){.c = c, .gamma = bias, .y = y});
}

// Column sums take a strip of vectors down the rows, so that memory is read in long runs: 6 vectors divide 96, 192, 384 and 768 columns.
// Sums alone leave registers for more: whole rows of 384.
enum { STRIP = 6, WIDE_STRIP = LANES == 16 ? 24 : 12 };

INLINE void column_sum_strip(const struct rows *k, int64_t first, int64_t last, int64_t j, float *partials, const int vectors) {
    vf sum[WIDE_STRIP] = {};
    for (int64_t r = first; r < last; r++) {
        const float *dy = k->dy + r * k->c + j;
#pragma clang loop unroll(full)
        for (int i = 0; i < vectors; i++) sum[i] += load_some(dy + i * LANES, k->c - j - i * LANES);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < vectors; i++) store_some(partials + j + i * LANES, sum[i], k->c - j - i * LANES);
}

static void column_sum_chunks(void *context, int64_t begin, int64_t end, int worker) {
    const struct rows *k = context;
    (void)worker;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t first = chunk_begin(k->rows, k->chunks, chunk), last = chunk_begin(k->rows, k->chunks, chunk + 1);
        int64_t j = 0;
        for (; j + WIDE_STRIP * LANES <= k->c; j += WIDE_STRIP * LANES)
            column_sum_strip(k, first, last, j, k->partials + chunk * k->c, WIDE_STRIP);
        for (; j + STRIP * LANES <= k->c; j += STRIP * LANES) column_sum_strip(k, first, last, j, k->partials + chunk * k->c, STRIP);
        for (; j < k->c; j += LANES) column_sum_strip(k, first, last, j, k->partials + chunk * k->c, 1);
    }
}

static void bias_gradient(int64_t rows, int64_t c, const float *dy, float *db) {
    if (rows <= 0) return;
    struct rows k = {.rows = rows, .c = c, .dy = dy, .chunks = row_chunks(rows, c)};
    k.partials = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(k.chunks * c) * sizeof(float));
    vlseg_parallel(k.chunks, 1, column_sum_chunks, &k);
    add_partials(k.partials, k.chunks, c, c, db);
}

static void add_table_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct rows *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        const float *x = k->x + r * k->c, *table = k->gamma + r % k->period * k->c;
        float *y = k->y + r * k->c;
        for (int64_t j = 0; j < k->c; j += LANES)
            store_some(y + j, load_some(x + j, k->c - j) + load_some(table + j, k->c - j), k->c - j);
    }
}

static void add_table(int64_t rows, int64_t period, int64_t c, const float *x, const float *table, float *y) {
    vlseg_parallel(rows, row_grain(c), add_table_rows, &(struct rows){.c = c, .period = period, .x = x, .gamma = table, .y = y});
}

static void layer_scale_forward_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct rows *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        int64_t at = r * k->c;
        for (int64_t j = 0; j < k->c; j += LANES) {
            int64_t left = k->c - j;
            vf y = load_some(k->x + at + j, left) + load_some(k->gamma + j, left) * load_some(k->z + at + j, left);
            store_some(k->y + at + j, y, left);
        }
    }
}

static void layer_scale_forward(int64_t rows, int64_t c, const float *residual, const float *z, const float *gamma, float *y) {
    vlseg_parallel(rows, row_grain(c), layer_scale_forward_rows, &(struct rows){.c = c, .x = residual, .z = z, .gamma = gamma, .y = y});
}

INLINE void layer_scale_backward_strip(const struct rows *k, int64_t first, int64_t last, int64_t j, float *partials, const int vectors) {
    vf sum[STRIP] = {}, gamma[STRIP];
#pragma clang loop unroll(full)
    for (int i = 0; i < vectors; i++) gamma[i] = load_some(k->gamma + j + i * LANES, k->c - j - i * LANES);
    for (int64_t r = first; r < last; r++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < vectors; i++) {
            int64_t at = r * k->c + j + i * LANES, left = k->c - j - i * LANES;
            vf dy = load_some(k->dy + at, left);
            sum[i] += dy * load_some(k->z + at, left);
            store_some(k->y + at, dy * gamma[i], left);
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < vectors; i++) store_some(partials + j + i * LANES, sum[i], k->c - j - i * LANES);
}

static void layer_scale_backward_chunks(void *context, int64_t begin, int64_t end, int worker) {
    const struct rows *k = context;
    (void)worker;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t first = chunk_begin(k->rows, k->chunks, chunk), last = chunk_begin(k->rows, k->chunks, chunk + 1);
        int64_t j = 0;
        for (; j + STRIP * LANES <= k->c; j += STRIP * LANES) layer_scale_backward_strip(k, first, last, j, k->partials + chunk * k->c, STRIP);
        for (; j < k->c; j += LANES) layer_scale_backward_strip(k, first, last, j, k->partials + chunk * k->c, 1);
    }
}

static void layer_scale_backward(int64_t rows, int64_t c, const float *z, const float *gamma, const float *dy, float *dz, float *dgamma) {
    if (rows <= 0) return;
    struct rows k = {.rows = rows, .c = c, .z = z, .gamma = gamma, .dy = dy, .y = dz, .chunks = row_chunks(rows, c)};
    k.partials = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(k.chunks * c) * sizeof(float));
    vlseg_parallel(k.chunks, 1, layer_scale_backward_chunks, &k);
    add_partials(k.partials, k.chunks, c, c, dgamma);
}

/// The largest of c values; -infinity for none.
INLINE float row_maximum(const float *x, int64_t c) {
    vf top = splat(-INFINITY);
    int64_t j = 0;
    for (; j + LANES <= c; j += LANES) top = larger(load(x + j), top);
    float result = max_lanes(top);
    for (; j < c; j++) result = x[j] > result ? x[j] : result;
    return result;
}

static void softmax_each_row(void *context, int64_t begin, int64_t end, int worker) {
    const struct rows *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        const float *x = k->x + r * k->c;
        float *y = k->y + r * k->c;
        float top = row_maximum(x, k->c);
        vf sum = {};
        for (int64_t j = 0; j < k->c; j += LANES) {
            int64_t left = k->c - j;
            vf e = exponential(load_some(x + j, left) - top);
            store_some(y + j, e, left);
            sum += choose(first_lanes(left), e, splat(0.0f));
        }
        float inverse = 1.0f / sum_lanes(sum);
        for (int64_t j = 0; j < k->c; j += LANES) store_some(y + j, load_some(y + j, k->c - j) * inverse, k->c - j);
    }
}

static void softmax_rows(int64_t rows, int64_t c, const float *x, float *y) {
    vlseg_parallel(rows, most(1, row_grain(c) / 4), softmax_each_row, &(struct rows){.c = c, .x = x, .y = y});
}
