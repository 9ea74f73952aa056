// Depthwise convolution over the positions of a sequence, as PyTorch's cross-correlation: y[l] = sum over t of w[t] x[l + t - left].
struct conv1d {
    int64_t b, l, c, k, left, ldx, lddx, ldw;
    const float *x, *weight, *dy;
    float *y, *dx, *partials;
};

static void conv1d_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct conv1d *k = context;
    (void)worker;
    for (int64_t row = begin; row < end; row++) {
        int64_t l = row % k->l;
        for (int64_t j = 0; j < k->c; j += LANES) {
            vf sum = {};
            for (int64_t t = most(0, k->left - l); t < least(k->k, k->l + k->left - l); t++)
                sum += load_some(k->weight + t * k->c + j, k->c - j) * load_some(k->x + (row + t - k->left) * k->ldx + j, k->c - j);
            store_some(k->y + row * k->c + j, sum, k->c - j);
        }
    }
}

static void conv1d_forward(int64_t b, int64_t l, int64_t c, int64_t k, int64_t left, const float *x, int64_t ldx, const float *weight,
                           float *y) {
    struct conv1d d = {.b = b, .l = l, .c = c, .k = k, .left = left, .x = x, .ldx = ldx, .weight = weight, .y = y};
    vlseg_parallel(b * l, row_grain(c * k), conv1d_rows, &d);
}

// One unit is one sequence: computes its data gradient and its share of the weight gradient, partials [b, k, c].
static void conv1d_backward_sequences(void *context, int64_t begin, int64_t end, int worker) {
    const struct conv1d *k = context;
    (void)worker;
    for (int64_t b = begin; b < end; b++) {
        for (int64_t j = 0; j < k->c; j += LANES) {
            int64_t some = k->c - j;
            for (int64_t l = 0; l < k->l; l++) {
                vf sum = {};
                for (int64_t t = 0; t < k->k; t++) {
                    int64_t from = l - t + k->left; // the output for which tap t reads this input
                    if (from >= 0 && from < k->l)
                        sum += load_some(k->weight + t * k->c + j, some) * load_some(k->dy + (b * k->l + from) * k->c + j, some);
                }
                store_some(k->dx + (b * k->l + l) * k->lddx + j, sum, some);
            }
            for (int64_t t = 0; t < k->k; t++) {
                vf sum = {};
                for (int64_t l = most(0, k->left - t); l < least(k->l, k->l + k->left - t); l++)
                    sum += load_some(k->dy + (b * k->l + l) * k->c + j, some) *
                           load_some(k->x + (b * k->l + l + t - k->left) * k->ldx + j, some);
                store_some(k->partials + (b * k->k + t) * k->c + j, sum, some);
            }
        }
    }
}

static void conv1d_backward(int64_t b, int64_t l, int64_t c, int64_t k, int64_t left, const float *x, int64_t ldx, const float *weight,
                            const float *dy, float *dx, int64_t lddx, float *dweight) {
    if (b <= 0) return;
    struct conv1d d = {
        .b = b, .l = l, .c = c, .k = k, .left = left, .x = x, .ldx = ldx, .weight = weight, .dy = dy, .dx = dx, .lddx = lddx};
    d.partials = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(b * k * c) * sizeof(float));
    vlseg_parallel(b, 1, conv1d_backward_sequences, &d);
    add_partials(d.partials, b, k * c, k * c, dweight);
}
