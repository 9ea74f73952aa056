// Scaled dot product attention, one (image, head) a unit, a block of query rows at a time: scores live in the worker's scratch only.
// Matrix products come through the caller's gemm, which must run serially inside a parallel region.
struct attention {
    int64_t b, heads, lq, lk, d, ldq, ldk, ldv, ldo, lddo, lddq, lddk, lddv;
    const float *q, *k, *v, *out_in, *lse_in, *dout;
    const uint8_t *mask;
    float scale, p;
    struct random_keys keys;
    vlseg_gemm gemm;
    float *out, *lse, *dq, *dk, *dv;
};

/// Query rows a block holds: the scores of a block stay in the second level cache.
INLINE int64_t attention_block(int64_t lk) { return most(16, least(256, 98304 / most(lk, 1))); }

INLINE vf masked_scores(const float *s, const uint8_t *mask, int64_t j, int64_t left) {
    vf x = load_some(s + j, left);
    return mask != NULL ? choose(load_bytes(mask + j, left) != 0.0f, x, splat(-INFINITY)) : x;
}

/// Softmax of one row of scores in place, then dropout; returns the log-sum-exp (-infinity, and a row of zeros, where no key is left).
INLINE float attention_softmax(const struct attention *k, float *s, const uint8_t *mask, uint64_t first_index) {
    int64_t n = k->lk;
    vf tops = splat(-INFINITY);
    for (int64_t j = 0; j < n; j += LANES) {
        int64_t left = n - j;
        vf x = masked_scores(s, mask, j, left);
        tops = larger(left >= LANES ? x : choose(first_lanes(left), x, splat(-INFINITY)), tops);
    }
    float top = max_lanes(tops);
    if (top == -INFINITY) {
        memset(s, 0, (size_t)n * sizeof(float));
        return top;
    }
    vf sums = {};
    for (int64_t j = 0; j < n; j += LANES) {
        int64_t left = n - j;
        vf e = exponential(masked_scores(s, mask, j, left) - top);
        store_some(s + j, e, left);
        sums += left >= LANES ? e : choose(first_lanes(left), e, splat(0.0f));
    }
    float sum = sum_lanes(sums);
    float factor = 1.0f / sum;
    if (k->p > 0.0f) {
        factor /= 1.0f - k->p;
        for (int64_t j = 0; j < n; j += LANES) {
            vf kept = choose(uniforms(k->keys, first_index + (uint64_t)j) >= k->p, load_some(s + j, n - j) * factor, splat(0.0f));
            store_some(s + j, kept, n - j);
        }
    } else {
        for (int64_t j = 0; j < n; j += LANES) store_some(s + j, load_some(s + j, n - j) * factor, n - j);
    }
    return top + logf(sum);
}

static void attention_forward_units(void *context, int64_t begin, int64_t end, int worker) {
    const struct attention *k = context;
    (void)worker;
    int64_t block = attention_block(k->lk);
    float *scores = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(block * k->lk) * sizeof(float));
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t b = unit / k->heads, column = unit % k->heads * k->d;
        const float *key = k->k + b * k->lk * k->ldk + column, *value = k->v + b * k->lk * k->ldv + column;
        const uint8_t *mask = k->mask != NULL ? k->mask + b * k->lk : NULL;
        for (int64_t first = 0; first < k->lq; first += block) {
            int64_t rows = least(block, k->lq - first), row = b * k->lq + first;
            k->gemm('N', 'T', rows, k->lk, k->d, k->scale, k->q + row * k->ldq + column, k->ldq, key, k->ldk, 0.0f, scores, k->lk);
            for (int64_t i = 0; i < rows; i++) {
                int64_t at = unit * k->lq + first + i;
                float lse = attention_softmax(k, scores + i * k->lk, mask, (uint64_t)(at * k->lk));
                if (k->lse != NULL) k->lse[at] = lse;
            }
            k->gemm('N', 'N', rows, k->d, k->lk, 1.0f, scores, k->lk, value, k->ldv, 0.0f, k->out + row * k->ldo + column, k->ldo);
        }
    }
}

static void attention_forward(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const float *q, int64_t ldq, const float *k,
                              int64_t ldk, const float *v, int64_t ldv, const uint8_t *mask, float scale, float p, uint64_t seed,
                              vlseg_gemm gemm, float *out, int64_t ldo, float *lse) {
    struct attention a = {.b = b, .heads = heads, .lq = lq, .lk = lk, .d = d, .q = q, .ldq = ldq, .k = k, .ldk = ldk, .v = v, .ldv = ldv,
                          .mask = mask, .scale = scale, .p = p, .keys = keys_of(seed), .gemm = gemm, .out = out, .ldo = ldo, .lse = lse};
    vlseg_parallel(b * heads, 1, attention_forward_units, &a);
}

/// In place: scores become the dropped-out probabilities (for dv), gradients of those become gradients of the scores before scaling.
/// dS = P (m dP - sum(dout out)), m the dropout factor.
INLINE void attention_row_gradient(const struct attention *k, float *s, float *ds, const uint8_t *mask, float lse, float delta,
                                   uint64_t first_index) {
    if (lse == -INFINITY) lse = INFINITY; // no key: every probability is 0
    float kept_factor = 1.0f / (1.0f - k->p);
    for (int64_t j = 0; j < k->lk; j += LANES) {
        int64_t left = k->lk - j;
        vf probability = exponential(masked_scores(s, mask, j, left) - lse), gradient = load_some(ds + j, left), dropped = probability;
        if (k->p > 0.0f) {
            vf factor = choose(uniforms(k->keys, first_index + (uint64_t)j) >= k->p, splat(kept_factor), splat(0.0f));
            dropped = probability * factor;
            gradient *= factor;
        }
        store_some(s + j, dropped, left);
        store_some(ds + j, probability * (gradient - delta), left);
    }
}

static void attention_backward_units(void *context, int64_t begin, int64_t end, int worker) {
    const struct attention *k = context;
    (void)worker;
    int64_t block = attention_block(2 * k->lk);
    float *scores = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(2 * block * k->lk) * sizeof(float)), *gradients = scores + block * k->lk;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t b = unit / k->heads, column = unit % k->heads * k->d;
        const float *key = k->k + b * k->lk * k->ldk + column, *value = k->v + b * k->lk * k->ldv + column;
        float *dk = k->dk + b * k->lk * k->lddk + column, *dv = k->dv + b * k->lk * k->lddv + column;
        const uint8_t *mask = k->mask != NULL ? k->mask + b * k->lk : NULL;
        for (int64_t first = 0; first < k->lq; first += block) {
            int64_t rows = least(block, k->lq - first), row = b * k->lq + first;
            const float *q = k->q + row * k->ldq + column, *dout = k->dout + row * k->lddo + column;
            k->gemm('N', 'T', rows, k->lk, k->d, k->scale, q, k->ldq, key, k->ldk, 0.0f, scores, k->lk);
            k->gemm('N', 'T', rows, k->lk, k->d, 1.0f, dout, k->lddo, value, k->ldv, 0.0f, gradients, k->lk);
            for (int64_t i = 0; i < rows; i++) {
                const float *o = k->out_in + (row + i) * k->ldo + column;
                vf products = {};
                for (int64_t j = 0; j < k->d; j += LANES) products += load_some(o + j, k->d - j) * load_some(dout + i * k->lddo + j, k->d - j);
                int64_t at = unit * k->lq + first + i;
                attention_row_gradient(k, scores + i * k->lk, gradients + i * k->lk, mask, k->lse_in[at], sum_lanes(products),
                                       (uint64_t)(at * k->lk));
            }
            float beta = first == 0 ? 0.0f : 1.0f;
            k->gemm('T', 'N', k->lk, k->d, rows, 1.0f, scores, k->lk, dout, k->lddo, beta, dv, k->lddv);
            k->gemm('N', 'N', rows, k->d, k->lk, k->scale, gradients, k->lk, key, k->ldk, 0.0f, k->dq + row * k->lddq + column, k->lddq);
            k->gemm('T', 'N', k->lk, k->d, rows, k->scale, gradients, k->lk, q, k->ldq, beta, dk, k->lddk);
        }
    }
}

static void attention_backward(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const float *q, int64_t ldq, const float *k,
                               int64_t ldk, const float *v, int64_t ldv, const uint8_t *mask, float scale, float p, uint64_t seed,
                               vlseg_gemm gemm, const float *out, int64_t ldo, const float *lse, const float *dout, int64_t lddo, float *dq,
                               int64_t lddq, float *dk, int64_t lddk, float *dv, int64_t lddv) {
    struct attention a = {.b = b, .heads = heads, .lq = lq, .lk = lk, .d = d, .q = q, .ldq = ldq, .k = k, .ldk = ldk, .v = v, .ldv = ldv,
                          .mask = mask, .scale = scale, .p = p, .keys = keys_of(seed), .gemm = gemm, .out_in = out, .ldo = ldo,
                          .lse_in = lse, .dout = dout, .lddo = lddo, .dq = dq, .lddq = lddq, .dk = dk, .lddk = lddk, .dv = dv, .lddv = lddv};
    vlseg_parallel(b * heads, 1, attention_backward_units, &a);
}
