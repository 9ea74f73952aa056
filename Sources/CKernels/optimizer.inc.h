// torch.optim.AdamW on one flat buffer, and the check that a buffer holds only finite numbers.
struct adamw {
    float *p, *m, *v;
    const float *g;
    float decay, beta2, one_minus_beta1, one_minus_beta2, step_size, inverse_root_correction, eps;
};

static void adamw_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct adamw *k = context;
    (void)worker;
    for (int64_t i = begin; i < end; i += LANES) {
        int64_t left = end - i;
        vf g = load_some(k->g + i, left), m = load_some(k->m + i, left), v = load_some(k->v + i, left);
        m = m + (g - m) * k->one_minus_beta1;
        v = v * k->beta2 + g * g * k->one_minus_beta2;
        vf root = __builtin_elementwise_sqrt(v) * k->inverse_root_correction + k->eps;
        store_some(k->m + i, m, left);
        store_some(k->v + i, v, left);
        store_some(k->p + i, load_some(k->p + i, left) * k->decay - k->step_size * (m / root), left);
    }
}

static void adamw(int64_t n, float *p, const float *g, float *m, float *v, float lr, float beta1, float beta2, float eps, float weight_decay,
                  int64_t step) {
    double correction1 = 1.0 - pow((double)beta1, (double)step), correction2 = 1.0 - pow((double)beta2, (double)step);
    struct adamw k = {.p = p, .m = m, .v = v, .g = g, .beta2 = beta2, .eps = eps};
    k.decay = (float)(1.0 - (double)lr * weight_decay);
    k.one_minus_beta1 = (float)(1.0 - (double)beta1);
    k.one_minus_beta2 = (float)(1.0 - (double)beta2);
    k.step_size = (float)(lr / correction1);
    k.inverse_root_correction = (float)(1.0 / sqrt(correction2));
    vlseg_parallel(n, ELEMENT_GRAIN, adamw_range, &k);
}

static void all_finite_blocks(void *context, int64_t begin, int64_t end, int worker) {
    const struct sum *sum = context;
    (void)worker;
    for (int64_t block = begin; block < end; block++) {
        int64_t stop = least(sum->n, (block + 1) * SUM_BLOCK);
        vi bad = {};
        for (int64_t i = block * SUM_BLOCK; i < stop; i += LANES)
            bad |= ((vi)load_some(sum->a + i, stop - i) & 0x7f800000) == 0x7f800000; // an exponent of all ones
        int any = 0;
        for (int lane = 0; lane < LANES; lane++) any |= bad[lane] != 0;
        sum->partials[block] = any;
    }
}

static int all_finite(int64_t n, const float *x) { return run_sum(n, all_finite_blocks, &(struct sum){.a = x}) == 0.0; }
