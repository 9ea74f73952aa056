// Softmax over the columns of each row, float32 only.
struct softmax {
    int64_t c;
    const float *x;
    float *y;
};

/// The largest of c values; -infinity if c is 0.
INLINE float row_maximum(const float *x, int64_t c) {
    vf top = splat(-INFINITY);
    int64_t j = 0;
    for (; j + LANES <= c; j += LANES) top = larger(load(x + j), top);
    float result = max_lanes(top);
    for (; j < c; j++) result = x[j] > result ? x[j] : result;
    return result;
}

static void softmax_each_row(void *context, int64_t begin, int64_t end, int worker) {
    const struct softmax *k = context;
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
    vlseg_parallel(rows, most(1, row_grain(c) / 4), softmax_each_row, &(struct softmax){.c = c, .x = x, .y = y});
}
