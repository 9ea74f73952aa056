// Scaled dot-product attention. One unit is one (image, head), processed in blocks of query rows: scores exist only in the worker's scratch
// memory. The caller's gemm computes the matrix products; it must run serially inside a parallel region.
// Typed (typed.inc.h): compiled for float32 and for bfloat16. For bfloat16, rows are widened and results are rounded one unit at a time.
struct TYPED(attention) {
    int64_t b, heads, lq, lk, d, ldq, ldk, ldv, ldo, lddo, lddq, lddk, lddv;
    const element *q, *k, *v, *out_in, *dout;
    const float *lse_in;
    const uint8_t *mask;
    float scale, p;
    struct random_keys keys;
    vlseg_gemm gemm;
    element *out, *dq, *dk, *dv;
    float *lse;
};

/// Rows of float32 with a stride.
struct TYPED(floats) {
    float *rows;
    int64_t ld;
};

/// Where to compute `rows` rows of d elements: in place for float32; for bfloat16 at `*place`, which advances behind them.
INLINE struct TYPED(floats) TYPED(floats_for)(element *x, int64_t ld, int64_t rows, int64_t d, float **place) {
    if (sizeof(element) == sizeof(float)) return (struct TYPED(floats)){(float *)x, ld};
    struct TYPED(floats) result = {*place, d};
    *place += rows * d;
    return result;
}

/// The same, filled with the values of the rows.
INLINE struct TYPED(floats) TYPED(floats_of)(const element *x, int64_t ld, int64_t rows, int64_t d, float **place) {
    struct TYPED(floats) result = TYPED(floats_for)((element *)x, ld, rows, d, place);
    if (sizeof(element) != sizeof(float))
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < d; j += LANES) store_some(result.rows + i * d + j, load_some(x + i * ld + j, d - j), d - j);
    return result;
}

/// Writes the computed rows to their final place.
INLINE void TYPED(keep_floats)(struct TYPED(floats) from, int64_t rows, int64_t d, element *x, int64_t ld) {
    if (sizeof(element) != sizeof(float))
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < d; j += LANES) store_some(x + i * ld + j, load_some(from.rows + i * d + j, d - j), d - j);
}

/// Query rows per block: the scores of a block fit the second-level cache.
INLINE int64_t TYPED(attention_block)(int64_t lk) { return most(16, least(256, 98304 / most(lk, 1))); }

INLINE vf TYPED(masked_scores)(const float *s, const uint8_t *mask, int64_t j, int64_t left) {
    vf x = load_some(s + j, left);
    return mask != NULL ? choose(load_bytes(mask + j, left) != 0.0f, x, splat(-INFINITY)) : x;
}

/// Softmax of one row of scores in place, then dropout. Returns the log-sum-exp; if no key is left, -infinity and a row of zeros.
INLINE float TYPED(attention_softmax)(const struct TYPED(attention) * k, float *s, const uint8_t *mask, uint64_t first_index) {
    int64_t n = k->lk;
    vf tops = splat(-INFINITY);
    for (int64_t j = 0; j < n; j += LANES) {
        int64_t left = n - j;
        vf x = TYPED(masked_scores)(s, mask, j, left);
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
        vf e = exponential(TYPED(masked_scores)(s, mask, j, left) - top);
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

static void TYPED(attention_forward_units)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(attention) *k = context;
    (void)worker;
    int64_t block = TYPED(attention_block)(k->lk), widened = sizeof(element) == sizeof(float) ? 0 : 2 * (k->lk + block) * k->d;
    float *scores = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(block * k->lk + widened) * sizeof(float));
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t b = unit / k->heads, column = unit % k->heads * k->d;
        float *place = scores + block * k->lk;
        struct TYPED(floats) key = TYPED(floats_of)(k->k + b * k->lk * k->ldk + column, k->ldk, k->lk, k->d, &place);
        struct TYPED(floats) value = TYPED(floats_of)(k->v + b * k->lk * k->ldv + column, k->ldv, k->lk, k->d, &place);
        const uint8_t *mask = k->mask != NULL ? k->mask + b * k->lk : NULL;
        for (int64_t first = 0; first < k->lq; first += block) {
            int64_t rows = least(block, k->lq - first), row = b * k->lq + first;
            float *within = place;
            element *result = k->out + row * k->ldo + column;
            struct TYPED(floats) q = TYPED(floats_of)(k->q + row * k->ldq + column, k->ldq, rows, k->d, &within);
            struct TYPED(floats) out = TYPED(floats_for)(result, k->ldo, rows, k->d, &within);
            k->gemm('N', 'T', rows, k->lk, k->d, k->scale, q.rows, q.ld, key.rows, key.ld, 0.0f, scores, k->lk);
            for (int64_t i = 0; i < rows; i++) {
                int64_t at = unit * k->lq + first + i;
                float lse = TYPED(attention_softmax)(k, scores + i * k->lk, mask, (uint64_t)(at * k->lk));
                if (k->lse != NULL) k->lse[at] = lse;
            }
            k->gemm('N', 'N', rows, k->d, k->lk, 1.0f, scores, k->lk, value.rows, value.ld, 0.0f, out.rows, out.ld);
            TYPED(keep_floats)(out, rows, k->d, result, k->ldo);
        }
    }
}

static void TYPED(attention_forward)(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const element *q, int64_t ldq,
                                     const element *k, int64_t ldk, const element *v, int64_t ldv, const uint8_t *mask, float scale,
                                     float p, uint64_t seed, vlseg_gemm gemm, element *out, int64_t ldo, float *lse) {
    struct TYPED(attention) a = {.b = b,
                                 .heads = heads,
                                 .lq = lq,
                                 .lk = lk,
                                 .d = d,
                                 .q = q,
                                 .ldq = ldq,
                                 .k = k,
                                 .ldk = ldk,
                                 .v = v,
                                 .ldv = ldv,
                                 .mask = mask,
                                 .scale = scale,
                                 .p = p,
                                 .keys = keys_of(seed),
                                 .gemm = gemm,
                                 .out = out,
                                 .ldo = ldo,
                                 .lse = lse};
    vlseg_parallel(b * heads, 1, TYPED(attention_forward_units), &a);
}

/// In place: scores become the probabilities after dropout (for dv), and their gradients become gradients of the scores before scaling.
/// dS = P (m dP - sum(dout out)); m is the dropout factor.
INLINE void TYPED(attention_row_gradient)(const struct TYPED(attention) * k, float *s, float *ds, const uint8_t *mask, float lse,
                                          float delta, uint64_t first_index) {
    if (lse == -INFINITY) lse = INFINITY; // no key: every probability is 0
    float kept_factor = 1.0f / (1.0f - k->p);
    for (int64_t j = 0; j < k->lk; j += LANES) {
        int64_t left = k->lk - j;
        vf probability = exponential(TYPED(masked_scores)(s, mask, j, left) - lse), gradient = load_some(ds + j, left),
           dropped = probability;
        if (k->p > 0.0f) {
            vf factor = choose(uniforms(k->keys, first_index + (uint64_t)j) >= k->p, splat(kept_factor), splat(0.0f));
            dropped = probability * factor;
            gradient *= factor;
        }
        store_some(s + j, dropped, left);
        store_some(ds + j, probability * (gradient - delta), left);
    }
}

static void TYPED(attention_backward_units)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(attention) *k = context;
    (void)worker;
    int64_t block = TYPED(attention_block)(2 * k->lk), widened = sizeof(element) == sizeof(float) ? 0 : 4 * (k->lk + block) * k->d;
    float *scores = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(2 * block * k->lk + widened) * sizeof(float)),
          *gradients = scores + block * k->lk;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t b = unit / k->heads, column = unit % k->heads * k->d;
        float *place = gradients + block * k->lk;
        element *dkey = k->dk + b * k->lk * k->lddk + column, *dvalue = k->dv + b * k->lk * k->lddv + column;
        struct TYPED(floats) key = TYPED(floats_of)(k->k + b * k->lk * k->ldk + column, k->ldk, k->lk, k->d, &place);
        struct TYPED(floats) value = TYPED(floats_of)(k->v + b * k->lk * k->ldv + column, k->ldv, k->lk, k->d, &place);
        struct TYPED(floats) dk = TYPED(floats_for)(dkey, k->lddk, k->lk, k->d, &place),
                             dv = TYPED(floats_for)(dvalue, k->lddv, k->lk, k->d, &place);
        const uint8_t *mask = k->mask != NULL ? k->mask + b * k->lk : NULL;
        for (int64_t first = 0; first < k->lq; first += block) {
            int64_t rows = least(block, k->lq - first), row = b * k->lq + first;
            float *within = place;
            element *dquery = k->dq + row * k->lddq + column;
            struct TYPED(floats) q = TYPED(floats_of)(k->q + row * k->ldq + column, k->ldq, rows, k->d, &within);
            struct TYPED(floats) dout = TYPED(floats_of)(k->dout + row * k->lddo + column, k->lddo, rows, k->d, &within);
            struct TYPED(floats) dq = TYPED(floats_for)(dquery, k->lddq, rows, k->d, &within);
            k->gemm('N', 'T', rows, k->lk, k->d, k->scale, q.rows, q.ld, key.rows, key.ld, 0.0f, scores, k->lk);
            k->gemm('N', 'T', rows, k->lk, k->d, 1.0f, dout.rows, dout.ld, value.rows, value.ld, 0.0f, gradients, k->lk);
            for (int64_t i = 0; i < rows; i++) {
                const element *o = k->out_in + (row + i) * k->ldo + column;
                vf products = {};
                for (int64_t j = 0; j < k->d; j += LANES)
                    products += load_some(o + j, k->d - j) * load_some(dout.rows + i * dout.ld + j, k->d - j);
                int64_t at = unit * k->lq + first + i;
                TYPED(attention_row_gradient)
                (k, scores + i * k->lk, gradients + i * k->lk, mask, k->lse_in[at], sum_lanes(products), (uint64_t)(at * k->lk));
            }
            float beta = first == 0 ? 0.0f : 1.0f;
            k->gemm('T', 'N', k->lk, k->d, rows, 1.0f, scores, k->lk, dout.rows, dout.ld, beta, dv.rows, dv.ld);
            k->gemm('N', 'N', rows, k->d, k->lk, k->scale, gradients, k->lk, key.rows, key.ld, 0.0f, dq.rows, dq.ld);
            k->gemm('T', 'N', k->lk, k->d, rows, k->scale, gradients, k->lk, q.rows, q.ld, beta, dk.rows, dk.ld);
            TYPED(keep_floats)(dq, rows, k->d, dquery, k->lddq);
        }
        TYPED(keep_floats)(dk, k->lk, k->d, dkey, k->lddk);
        TYPED(keep_floats)(dv, k->lk, k->d, dvalue, k->lddv);
    }
}

static void TYPED(attention_backward)(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const element *q, int64_t ldq,
                                      const element *k, int64_t ldk, const element *v, int64_t ldv, const uint8_t *mask, float scale,
                                      float p, uint64_t seed, vlseg_gemm gemm, const element *out, int64_t ldo, const float *lse,
                                      const element *dout, int64_t lddo, element *dq, int64_t lddq, element *dk, int64_t lddk, element *dv,
                                      int64_t lddv) {
    struct TYPED(attention) a = {.b = b,
                                 .heads = heads,
                                 .lq = lq,
                                 .lk = lk,
                                 .d = d,
                                 .q = q,
                                 .ldq = ldq,
                                 .k = k,
                                 .ldk = ldk,
                                 .v = v,
                                 .ldv = ldv,
                                 .mask = mask,
                                 .scale = scale,
                                 .p = p,
                                 .keys = keys_of(seed),
                                 .gemm = gemm,
                                 .out_in = out,
                                 .ldo = ldo,
                                 .lse_in = lse,
                                 .dout = dout,
                                 .lddo = lddo,
                                 .dq = dq,
                                 .lddq = lddq,
                                 .dk = dk,
                                 .lddk = lddk,
                                 .dv = dv,
                                 .lddv = lddv};
    vlseg_parallel(b * heads, 1, TYPED(attention_backward_units), &a);
}
