// A linear map with one scale factor per output: the scaled weight, and the gradients of weight, bias and scale from one product.
struct scaled_rows {
    int64_t c;
    const float *x, *scale, *bias, *product, *sums;
    float *y, *dweight, *dbias, *dscale;
    vlseg_bf16 *half;
};

static void scale_rows_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct scaled_rows *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++)
        for (int64_t j = 0; j < k->c; j += LANES) {
            vf y = load_some(k->x + r * k->c + j, k->c - j) * k->scale[r];
            if (k->half != NULL)
                store_some(k->half + r * k->c + j, y, k->c - j);
            else
                store_some(k->y + r * k->c + j, y, k->c - j);
        }
}

static void scale_rows(int64_t rows, int64_t c, const float *scale, const float *x, float *y) {
    vlseg_parallel(rows, row_grain(c), scale_rows_range, &(struct scaled_rows){.c = c, .scale = scale, .x = x, .y = y});
}

static void scale_rows_bf16(int64_t rows, int64_t c, const float *scale, const float *x, vlseg_bf16 *y) {
    vlseg_parallel(rows, row_grain(c), scale_rows_range, &(struct scaled_rows){.c = c, .scale = scale, .x = x, .half = y});
}

static void scaled_linear_backward_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct scaled_rows *k = context;
    (void)worker;
    for (int64_t r = begin; r < end; r++) {
        const float *weight = k->x + r * k->c, *product = k->product + r * k->c;
        float *dweight = k->dweight + r * k->c, scale = k->scale[r];
        vf dot = {};
        for (int64_t j = 0; j < k->c; j += LANES) {
            int64_t left = k->c - j;
            vf g = load_some(product + j, left);
            dot += load_some(weight + j, left) * g; // both are 0 beyond the tail
            store_some(dweight + j, load_some(dweight + j, left) + g * scale, left);
        }
        k->dscale[r] += sum_lanes(dot) + k->bias[r] * k->sums[r];
        k->dbias[r] += scale * k->sums[r];
    }
}

static void scaled_linear_backward(int64_t rows, int64_t c, const float *weight, const float *bias, const float *scale,
                                   const float *product, const float *sums, float *dweight, float *dbias, float *dscale) {
    struct scaled_rows k = {.c = c,
                            .x = weight,
                            .bias = bias,
                            .scale = scale,
                            .product = product,
                            .sums = sums,
                            .dweight = dweight,
                            .dbias = dbias,
                            .dscale = dscale};
    vlseg_parallel(rows, row_grain(c), scaled_linear_backward_rows, &k);
}
