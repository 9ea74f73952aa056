// torch.optim.AdamW and torch.optim.SGD on one flat buffer of float32. Optionally the same pass also writes a bfloat16 copy of the new
// parameters and sets the gradients to 0.
struct adamw {
    float *p, *g, *m, *v;
    vlseg_bf16 *copy;
    float decay, beta2, one_minus_beta1, one_minus_beta2, step_size, inverse_root_correction, eps;
    int zero_gradients;
};

/// Updates one vector at i; g does not change.
INLINE vf adamw_step(const struct adamw *k, int64_t i, int64_t left) {
    vf g = load_some(k->g + i, left), m = load_some(k->m + i, left), v = load_some(k->v + i, left);
    m = m + (g - m) * k->one_minus_beta1;
    v = v * k->beta2 + g * g * k->one_minus_beta2;
    vf root = __builtin_elementwise_sqrt(v) * k->inverse_root_correction + k->eps;
    store_some(k->m + i, m, left);
    store_some(k->v + i, v, left);
    vf p = load_some(k->p + i, left) * k->decay - k->step_size * (m / root);
    store_some(k->p + i, p, left);
    return p;
}

static void adamw_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct adamw *k = context;
    (void)worker;
    for (int64_t i = begin; i < end; i += LANES) adamw_step(k, i, end - i);
}

static void adamw_bf16_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct adamw *k = context;
    (void)worker;
    for (int64_t i = begin; i < end; i += LANES) {
        vf p = adamw_step(k, i, end - i);
        if (k->copy != NULL) store_some(k->copy + i, p, end - i);
        if (k->zero_gradients) store_some(k->g + i, splat(0.0f), end - i);
    }
}

INLINE struct adamw adamw_factors(float lr, float beta1, float beta2, float eps, float weight_decay, int64_t step) {
    double correction1 = 1.0 - pow((double)beta1, (double)step), correction2 = 1.0 - pow((double)beta2, (double)step);
    struct adamw k = {.beta2 = beta2, .eps = eps};
    k.decay = (float)(1.0 - (double)lr * weight_decay);
    k.one_minus_beta1 = (float)(1.0 - (double)beta1);
    k.one_minus_beta2 = (float)(1.0 - (double)beta2);
    k.step_size = (float)(lr / correction1);
    k.inverse_root_correction = (float)(1.0 / sqrt(correction2));
    return k;
}

static void adamw_bf16(int64_t n, float *p, float *g, float *m, float *v, float lr, float beta1, float beta2, float eps, float weight_decay,
                       int64_t step, vlseg_bf16 *copy, int zero_gradients) {
    struct adamw k = adamw_factors(lr, beta1, beta2, eps, weight_decay, step);
    k.p = p, k.g = g, k.m = m, k.v = v, k.copy = copy, k.zero_gradients = zero_gradients;
    vlseg_parallel(n, ELEMENT_GRAIN, adamw_bf16_range, &k);
}

static void adamw(int64_t n, float *p, const float *g, float *m, float *v, float lr, float beta1, float beta2, float eps,
                  float weight_decay, int64_t step) {
    struct adamw k = adamw_factors(lr, beta1, beta2, eps, weight_decay, step);
    k.p = p, k.g = (float *)g, k.m = m, k.v = v; // adamw_range only reads g
    vlseg_parallel(n, ELEMENT_GRAIN, adamw_range, &k);
}

struct sgd {
    float *p, *g, *buffer;
    vlseg_bf16 *copy;
    float lr, momentum, weight_decay;
};

static void sgd_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct sgd *k = context;
    (void)worker;
    for (int64_t i = begin; i < end; i += LANES) {
        int64_t left = end - i;
        vf p = load_some(k->p + i, left), d = load_some(k->g + i, left) + k->weight_decay * p;
        vf buffer = k->momentum * load_some(k->buffer + i, left) + d;
        p = p - k->lr * buffer;
        store_some(k->buffer + i, buffer, left);
        store_some(k->p + i, p, left);
        if (k->copy != NULL) store_some(k->copy + i, p, left);
        store_some(k->g + i, splat(0.0f), left);
    }
}

static void sgd(int64_t n, float *p, float *g, float *buffer, float lr, float momentum, float weight_decay, vlseg_bf16 *copy) {
    struct sgd k = {.p = p, .g = g, .buffer = buffer, .copy = copy, .lr = lr, .momentum = momentum, .weight_decay = weight_decay};
    vlseg_parallel(n, ELEMENT_GRAIN, sgd_range, &k);
}
