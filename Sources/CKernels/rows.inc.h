// Kernels over rows of c columns: biases, tables, copies. Column sums use fixed chunks of rows.
// Typed (typed.inc.h): compiled for float32 and for bfloat16.
struct TYPED(rows) {
    int64_t rows, c, period, chunks;
    const element *x, *dy;
    const float *gamma;
    element *y;
    float *partials;
};

static void TYPED(add_bias_rows)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(rows) *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        element *y = k->y + r * k->c;
        for (int64_t j = 0; j < k->c; j += LANES)
            store_some(y + j, load_some(y + j, k->c - j) + load_some(k->gamma + j, k->c - j), k->c - j);
    }
}

static void TYPED(add_bias)(int64_t rows, int64_t c, const float *bias, element *y) {
    vlseg_parallel(rows, row_grain(c), TYPED(add_bias_rows), &(struct TYPED(rows)){.c = c, .gamma = bias, .y = y});
}

INLINE void TYPED(column_sum_strip)(const struct TYPED(rows) * k, int64_t first, int64_t last, int64_t j, float *partials,
                                    const int vectors) {
    vf sum[WIDE_STRIP] = {};
    for (int64_t r = first; r < last; r++) {
        const element *dy = k->dy + r * k->c + j;
#pragma clang loop unroll(full)
        for (int i = 0; i < vectors; i++) sum[i] += load_some(dy + i * LANES, k->c - j - i * LANES);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < vectors; i++) store_some(partials + j + i * LANES, sum[i], k->c - j - i * LANES);
}

static void TYPED(column_sum_chunks)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(rows) *k = context;
    (void)worker;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t first = chunk_begin(k->rows, k->chunks, chunk), last = chunk_begin(k->rows, k->chunks, chunk + 1);
        int64_t j = 0;
        for (; j + WIDE_STRIP * LANES <= k->c; j += WIDE_STRIP * LANES)
            TYPED(column_sum_strip)(k, first, last, j, k->partials + chunk * k->c, WIDE_STRIP);
        for (; j + STRIP * LANES <= k->c; j += STRIP * LANES) TYPED(column_sum_strip)(k, first, last, j, k->partials + chunk * k->c, STRIP);
        for (; j < k->c; j += LANES) TYPED(column_sum_strip)(k, first, last, j, k->partials + chunk * k->c, 1);
    }
}

static void TYPED(bias_gradient)(int64_t rows, int64_t c, const element *dy, float *db) {
    if (rows <= 0) return;
    struct TYPED(rows) k = {.rows = rows, .c = c, .dy = dy, .chunks = row_chunks(rows, c)};
    k.partials = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(k.chunks * c) * sizeof(float));
    vlseg_parallel(k.chunks, 1, TYPED(column_sum_chunks), &k);
    add_partials(k.partials, k.chunks, c, c, db);
}

static void TYPED(add_table_rows)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(rows) *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        const element *x = k->x + r * k->c;
        const float *table = k->gamma + r % k->period * k->c;
        element *y = k->y + r * k->c;
        for (int64_t j = 0; j < k->c; j += LANES) store_some(y + j, load_some(x + j, k->c - j) + load_some(table + j, k->c - j), k->c - j);
    }
}

static void TYPED(add_table)(int64_t rows, int64_t period, int64_t c, const element *x, const float *table, element *y) {
    vlseg_parallel(rows, row_grain(c), TYPED(add_table_rows),
                   &(struct TYPED(rows)){.c = c, .period = period, .x = x, .gamma = table, .y = y});
}

// Rows of x and y are ldx and ldy elements apart.
struct TYPED(copy) {
    int64_t c, ldx, ldy;
    int accumulate;
    const element *x;
    element *y;
};

static void TYPED(copy_rows)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(copy) *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        const element *x = k->x + r * k->ldx;
        element *y = k->y + r * k->ldy;
        if (k->accumulate)
            for (int64_t j = 0; j < k->c; j += LANES) store_some(y + j, load_some(y + j, k->c - j) + load_some(x + j, k->c - j), k->c - j);
        else
            memcpy(y, x, (size_t)k->c * sizeof *y);
    }
}

static void TYPED(copy_columns)(int64_t rows, int64_t c, const element *x, int64_t ldx, element *y, int64_t ldy, int accumulate) {
    struct TYPED(copy) k = {.c = c, .ldx = ldx, .ldy = ldy, .accumulate = accumulate, .x = x, .y = y};
    vlseg_parallel(rows, row_grain(c), TYPED(copy_rows), &k);
}
