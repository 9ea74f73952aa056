// Converts float32 to bfloat16 (rounded to nearest even) and bfloat16 to float32 (exact).
struct conversion {
    const void *x;
    void *y;
};

static void bf16_from_float_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct conversion *k = context;
    const float *x = k->x;
    vlseg_bf16 *y = k->y;
    (void)worker;
    for (int64_t i = begin; i < end; i += LANES) store_some(y + i, load_some(x + i, end - i), end - i);
}

static void float_from_bf16_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct conversion *k = context;
    const vlseg_bf16 *x = k->x;
    float *y = k->y;
    (void)worker;
    for (int64_t i = begin; i < end; i += LANES) store_some(y + i, load_some(x + i, end - i), end - i);
}

static void bf16_from_float(int64_t n, const float *x, vlseg_bf16 *y) {
    vlseg_parallel(n, ELEMENT_GRAIN, bf16_from_float_range, &(struct conversion){.x = x, .y = y});
}

static void float_from_bf16(int64_t n, const vlseg_bf16 *x, float *y) {
    vlseg_parallel(n, ELEMENT_GRAIN, float_from_bf16_range, &(struct conversion){.x = x, .y = y});
}
