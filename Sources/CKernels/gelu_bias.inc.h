// The bias and the GELU between two matrix products, in one pass over memory for forward and one for backward.
// Typed (typed.inc.h): compiled for float32 and for bfloat16. GELU and its slope are computed before any rounding.
struct TYPED(gelu_bias) {
    int64_t rows, c, chunks;
    const float *bias;
    const element *x, *dy;
    element *sum, *y, *output;
    float *partials;
};

static void TYPED(gelu_bias_forward_rows)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(gelu_bias) *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        element *sum = k->sum + r * k->c, *y = k->y + r * k->c;
        for (int64_t j = 0; j < k->c; j += LANES) {
            int64_t left = k->c - j;
            vf x = load_some(sum + j, left) + load_some(k->bias + j, left);
            store_some(sum + j, x, left);
            store_some(y + j, TYPED(gelu)(x), left);
        }
    }
}

static void TYPED(gelu_bias_forward)(int64_t rows, int64_t c, const float *bias, element *x, element *y) {
    vlseg_parallel(rows, row_grain(c), TYPED(gelu_bias_forward_rows), &(struct TYPED(gelu_bias)){.c = c, .bias = bias, .sum = x, .y = y});
}

// The column sums stay in the first-level cache: computing the slope takes much longer than adding to them.
static void TYPED(gelu_bias_backward_chunks)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(gelu_bias) *k = context;
    (void)worker;
    int64_t wide = round_up(k->c);
    for (int64_t chunk = begin; chunk < end; chunk++) {
        float *sums = k->partials + chunk * wide;
        memset(sums, 0, (size_t)wide * sizeof(float));
        int64_t last = chunk_begin(k->rows, k->chunks, chunk + 1);
        for (int64_t r = chunk_begin(k->rows, k->chunks, chunk); r < last; r++)
            for (int64_t j = 0; j < k->c; j += LANES) {
                int64_t at = r * k->c + j, left = k->c - j;
                vf x = load_some(k->x + at, left), dx = load_some(k->dy + at, left) * TYPED(gelu_slope)(x);
                store(sums + j, load(sums + j) + dx); // dy is 0 beyond the tail
                store_some(k->y + at, dx, left);
                if (k->output != NULL) store_some(k->output + at, TYPED(gelu)(x), left);
            }
    }
}

static void TYPED(gelu_bias_backward)(int64_t rows, int64_t c, const element *x, const element *dy, element *dx, float *db, element *y) {
    if (rows <= 0) return;
    struct TYPED(gelu_bias) k = {.rows = rows, .c = c, .x = x, .dy = dy, .y = dx, .output = y, .chunks = row_chunks(rows, c)};
    int64_t wide = round_up(c);
    k.partials = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(k.chunks * wide) * sizeof(float));
    vlseg_parallel(k.chunks, 1, TYPED(gelu_bias_backward_chunks), &k);
    add_partials(k.partials, k.chunks, wide, c, db);
}
