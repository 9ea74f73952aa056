// Attention within the windows of a map, with a bias for each head and pair of places: one (window, head) a unit. A unit's rows are picked
// from the map where the cyclic shift finds them and its results are put back there, so that no map of windows is ever made.
// Typed (typed.inc.h): compiled for float32 and for bfloat16; arithmetic is float32.

/// n places in a window; `keys` and `columns` are n and d in whole vectors. The windows are cut into `chunks` for the bias's sums.
struct TYPED(windows) {
    struct vlseg_windows s;
    int64_t n, keys, columns, across, windows, chunks;
    const element *qkv, *dout;
    const float *bias; // [heads, n, keys], -infinity behind the n keys
    const float *mask; // [4, n, keys], by whether the window is of the last row (1) and of the last column (2)
    const float *log_sums_in;
    element *out, *dqkv;
    float *log_sums, *partials;
};

/// The pixel of each place of a window, and its mask: null where all its places are of one region.
INLINE const float *TYPED(window_pixels)(const struct TYPED(windows) * k, int64_t window, int32_t *pixels) {
    int64_t side = k->s.side, down = k->s.h / side, image = window / (down * k->across), row = window / k->across % down;
    int64_t column = window % k->across;
    for (int64_t i = 0; i < side; i++)
        for (int64_t j = 0; j < side; j++) {
            int64_t y = row * side + i + k->s.shift, x = column * side + j + k->s.shift;
            if (y >= k->s.h) y -= k->s.h;
            if (x >= k->s.w) x -= k->s.w;
            *pixels++ = (int32_t)((image * k->s.h + y) * k->s.w + x);
        }
    int64_t kind = (row == down - 1) + 2 * (column == k->across - 1);
    return k->s.shift > 0 && kind > 0 ? k->mask + kind * k->n * k->keys : NULL;
}

/// rows [n, columns] = factor times d elements of the window's pixels, zeros behind them.
INLINE void TYPED(window_take)(const struct TYPED(windows) * k, const int32_t *pixels, const element *from, int64_t ld, float factor,
                               float *rows) {
    for (int64_t t = 0; t < k->n; t++)
        for (int64_t j = 0; j < k->columns; j += LANES)
            store(rows + t * k->columns + j, factor * load_some(from + pixels[t] * ld + j, k->s.d - j));
}

/// columns [d, keys] = rows [n, columns] turned, zeros behind the n keys.
INLINE void TYPED(window_turn)(const struct TYPED(windows) * k, const float *rows, float *turned) {
    for (int64_t j = 0; j < k->s.d; j++) {
        for (int64_t t = 0; t < k->n; t++) turned[j * k->keys + t] = rows[t * k->columns + j];
        for (int64_t t = k->n; t < k->keys; t++) turned[j * k->keys + t] = 0.0f;
    }
}

/// Has rows of the window on their way while others are taken.
INLINE void TYPED(window_fetch)(const struct TYPED(windows) * k, const int32_t *pixels, const element *from, int64_t ld) {
    for (int64_t t = 0; t < k->n; t++)
        for (int64_t j = 0; j < k->s.d; j += 64 / (int64_t)sizeof(element)) __builtin_prefetch(from + pixels[t] * ld + j);
}

INLINE void TYPED(window_put)(const struct TYPED(windows) * k, const int32_t *pixels, const float *rows, float factor, element *to,
                              int64_t ld) {
    for (int64_t t = 0; t < k->n; t++)
        for (int64_t j = 0; j < k->s.d; j += LANES)
            store_some(to + pixels[t] * ld + j, factor * load(rows + t * k->columns + j), k->s.d - j);
}

/// The score behind a product.
INLINE vf TYPED(window_score)(const float *product, const float *bias, const float *mask, int64_t j) {
    vf x = load(product + j) + load(bias + j);
    return mask != NULL ? x + load(mask + j) : x;
}

static void TYPED(window_forward_units)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(windows) *k = context;
    (void)worker;
    int64_t heads = k->s.heads, d = k->s.d, ld = 3 * heads * d;
    int64_t rows = k->n * k->columns, turned = d * k->keys;
    float *q = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(3 * rows + turned + k->n * k->keys + k->n) * sizeof(float));
    float *key = q + rows, *value = key + rows, *keys = value + rows, *scores = keys + turned;
    int32_t *pixels = (int32_t *)(scores + k->n * k->keys);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t window = unit / heads, head = unit % heads;
        const float *mask = TYPED(window_pixels)(k, window, pixels);
        const element *from = k->qkv + head * d;
        TYPED(window_fetch)(k, pixels, from + heads * d, ld);
        TYPED(window_take)(k, pixels, from, ld, k->s.scale, q);
        TYPED(window_fetch)(k, pixels, from + 2 * heads * d, ld);
        TYPED(window_take)(k, pixels, from + heads * d, ld, 1.0f, key);
        TYPED(window_take)(k, pixels, from + 2 * heads * d, ld, 1.0f, value);
        TYPED(window_turn)(k, key, keys);
        small_product(k->n, k->keys, d, q, k->columns, 1, keys, k->keys, scores, k->keys);
        for (int64_t i = 0; i < k->n; i++) {
            float *s = scores + i * k->keys;
            const float *bias = k->bias + (head * k->n + i) * k->keys, *row_mask = mask != NULL ? mask + i * k->keys : NULL;
            vf tops = splat(-INFINITY);
            for (int64_t j = 0; j < k->keys; j += LANES) {
                vf x = TYPED(window_score)(s, bias, row_mask, j);
                store(s + j, x);
                tops = larger(x, tops);
            }
            float top = max_lanes(tops);
            vf sums = {};
            for (int64_t j = 0; j < k->keys; j += LANES) {
                vf e = exponential(load(s + j) - top);
                store(s + j, e);
                sums += e;
            }
            float sum = sum_lanes(sums), factor = 1.0f / sum;
            for (int64_t j = 0; j < k->keys; j += LANES) store(s + j, load(s + j) * factor);
            k->log_sums[unit * k->n + i] = top + logf(sum);
        }
        small_product(k->n, k->columns, k->n, scores, k->keys, 1, value, k->columns, q, k->columns);
        TYPED(window_put)(k, pixels, q, 1.0f, k->out + head * d, heads * d);
    }
}

/// dS = P (dP - sum of P dP), dq = scale dS k, dk = dS^T q scale, dv = P^T dout; the sums of dS over a chunk's windows go to `partials`.
static void TYPED(window_backward_chunks)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(windows) *k = context;
    (void)worker;
    int64_t heads = k->s.heads, d = k->s.d, ld = 3 * heads * d;
    int64_t rows = k->n * k->columns, turned = d * k->keys, square = k->n * k->keys;
    float *q = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(5 * rows + turned + 2 * square + k->n) * sizeof(float));
    float *key = q + rows, *value = key + rows, *dout = value + rows, *result = dout + rows, *other = result + rows;
    float *scores = other + turned, *gradients = scores + square;
    int32_t *pixels = (int32_t *)(gradients + square);
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t head = chunk % heads, part = chunk / heads;
        float *sums = k->partials + chunk * square;
        memset(sums, 0, (size_t)square * sizeof(float));
        for (int64_t window = chunk_begin(k->windows, k->chunks, part); window < chunk_begin(k->windows, k->chunks, part + 1); window++) {
            const float *mask = TYPED(window_pixels)(k, window, pixels);
            const element *from = k->qkv + head * d;
            element *to = k->dqkv + head * d;
            TYPED(window_fetch)(k, pixels, from + heads * d, ld);
            TYPED(window_take)(k, pixels, from, ld, k->s.scale, q);
            TYPED(window_fetch)(k, pixels, from + 2 * heads * d, ld);
            TYPED(window_take)(k, pixels, from + heads * d, ld, 1.0f, key);
            TYPED(window_fetch)(k, pixels, k->dout + head * d, heads * d);
            TYPED(window_take)(k, pixels, from + 2 * heads * d, ld, 1.0f, value);
            TYPED(window_take)(k, pixels, k->dout + head * d, heads * d, 1.0f, dout);
            TYPED(window_turn)(k, key, other);
            small_product(k->n, k->keys, d, q, k->columns, 1, other, k->keys, scores, k->keys);
            TYPED(window_turn)(k, value, other);
            small_product(k->n, k->keys, d, dout, k->columns, 1, other, k->keys, gradients, k->keys);
            for (int64_t i = 0; i < k->n; i++) {
                float *s = scores + i * k->keys, *g = gradients + i * k->keys, *sum = sums + i * k->keys;
                const float *bias = k->bias + (head * k->n + i) * k->keys, *row_mask = mask != NULL ? mask + i * k->keys : NULL;
                float log_sum = k->log_sums_in[(window * heads + head) * k->n + i];
                vf products = {};
                for (int64_t j = 0; j < k->keys; j += LANES) {
                    vf p = exponential(TYPED(window_score)(s, bias, row_mask, j) - log_sum);
                    store(s + j, p);
                    products += p * load(g + j);
                }
                float delta = sum_lanes(products);
                for (int64_t j = 0; j < k->keys; j += LANES) {
                    vf ds = load(s + j) * (load(g + j) - delta);
                    store(g + j, ds);
                    store(sum + j, load(sum + j) + ds);
                }
            }
            small_product(k->n, k->columns, k->n, gradients, k->keys, 1, key, k->columns, result, k->columns);
            TYPED(window_put)(k, pixels, result, k->s.scale, to, ld);
            small_product(k->n, k->columns, k->n, gradients, 1, k->keys, q, k->columns, result, k->columns);
            TYPED(window_put)(k, pixels, result, 1.0f, to + heads * d, ld);
            small_product(k->n, k->columns, k->n, scores, 1, k->keys, dout, k->columns, result, k->columns);
            TYPED(window_put)(k, pixels, result, 1.0f, to + 2 * heads * d, ld);
        }
    }
}

/// Row of the bias's table for query i and key j.
INLINE int64_t TYPED(window_offset)(int64_t side, int64_t i, int64_t j) {
    return (i / side - j / side + side - 1) * (2 * side - 1) + i % side - j % side + side - 1;
}

/// Sizes, and in the caller's scratch bias, masks and `extra` floats behind them for partial sums.
static struct TYPED(windows) TYPED(windows_of)(const struct vlseg_windows *s, const float *table, int64_t chunks) {
    int64_t n = s->side * s->side, keys = round_up(n), square = n * keys;
    struct TYPED(windows) k = {.s = *s, .n = n, .keys = keys, .columns = round_up(s->d), .across = s->w / s->side, .chunks = chunks};
    k.windows = s->b * (s->h / s->side) * k.across;
    float *bias = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)((s->heads + 4 + s->heads * chunks) * square) * sizeof(float));
    float *mask = bias + s->heads * square;
    for (int64_t head = 0; head < s->heads; head++)
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < keys; j++)
                bias[(head * n + i) * keys + j] = j < n ? table[TYPED(window_offset)(s->side, i, j) * s->heads + head] : -INFINITY;
    int64_t edge = s->side - s->shift;
    for (int64_t kind = 0; kind < 4; kind++)
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < keys; j++) {
                int rows = (kind & 1) && (i / s->side >= edge) != (j / s->side >= edge);
                int columns = (kind & 2) && (i % s->side >= edge) != (j % s->side >= edge);
                mask[(kind * n + i) * keys + j] = j < n && (rows || columns) ? -100.0f : 0.0f;
            }
    k.bias = bias, k.mask = mask, k.partials = mask + 4 * square;
    return k;
}

static void TYPED(window_attention_forward)(const struct vlseg_windows *s, const element *qkv, const float *table, element *out,
                                            float *log_sums) {
    struct TYPED(windows) k = TYPED(windows_of)(s, table, 0);
    k.qkv = qkv, k.out = out, k.log_sums = log_sums;
    vlseg_parallel(k.windows * s->heads, 1, TYPED(window_forward_units), &k);
}

static void TYPED(window_attention_backward)(const struct vlseg_windows *s, const element *qkv, const float *table, const float *log_sums,
                                             const element *dout, element *dqkv, float *dtable) {
    int64_t windows = s->b * (s->h / s->side) * (s->w / s->side);
    // A chunk's heads are units behind one another, which find its rows in the caches.
    struct TYPED(windows) k = TYPED(windows_of)(s, table, least(windows, 32));
    k.qkv = qkv, k.log_sums_in = log_sums, k.dout = dout, k.dqkv = dqkv;
    vlseg_parallel(k.chunks * s->heads, 1, TYPED(window_backward_chunks), &k);
    int64_t all = s->heads * k.n * k.keys;
    for (int64_t chunk = 1; chunk < k.chunks; chunk++)
        for (int64_t i = 0; i < all; i += LANES) store(k.partials + i, load(k.partials + i) + load(k.partials + chunk * all + i));
    for (int64_t head = 0; head < s->heads; head++)
        for (int64_t i = 0; i < k.n; i++)
            for (int64_t j = 0; j < k.n; j++)
                dtable[TYPED(window_offset)(s->side, i, j) * s->heads + head] += k.partials[(head * k.n + i) * k.keys + j];
}
