// Depthwise k x k convolution, stride 1, same padding, channels last. 7 x 7 is the hot case: a tile of output pixels of one row and LANES
// channels stays in registers while the rows of the kernel are applied. Each input vector is loaded once per kernel row and is used for up
// to 7 outputs. Backward data is the same convolution with the kernel rotated by 180 degrees. Backward weight keeps the 7 sums of a kernel
// row in registers. Typed (typed.inc.h): compiled for float32 and for bfloat16.
struct TYPED(depthwise) {
    int64_t b, h, w, c, k, chunks, bands, band;
    int flipped;
    const element *x, *dy;
    const float *weight, *bias;
    element *y;
    float *partials;
};

/// TW outputs of one row, from column `column`, LANES channels from `j`; 7 x 7.
INLINE void TYPED(depthwise_tile)(const struct TYPED(depthwise) * k, const element *image, int64_t row, int64_t column, int64_t j,
                                  element *y, const int TW) {
    vf sum[TILE];
    vf start = k->bias != NULL ? load(k->bias + j) : splat(0.0f);
#pragma clang loop unroll(full)
    for (int p = 0; p < TW; p++) sum[p] = start;
    int64_t first = most(0, 3 - row), last = least(7, k->h + 3 - row);
    for (int64_t ky = first; ky < last; ky++) {
        const element *line = image + (row + ky - 3) * k->w * k->c + j;
        const float *taps = k->weight + (k->flipped ? (6 - ky) * 7 + 6 : ky * 7) * k->c + j;
        int64_t step = k->flipped ? -k->c : k->c;
        vf weight[7];
#pragma clang loop unroll(full)
        for (int t = 0; t < 7; t++) weight[t] = load(taps + t * step);
#pragma clang loop unroll(full)
        for (int i = 0; i < TW + 6; i++) {
            int64_t at = column + i - 3;
            if (at < 0 || at >= k->w) continue;
            vf x = load(line + at * k->c);
#pragma clang loop unroll(full)
            for (int t = 0; t < 7; t++)
                if (i - t >= 0 && i - t < TW) sum[i - t] += x * weight[t];
        }
    }
#pragma clang loop unroll(full)
    for (int p = 0; p < TW; p++) store(y + (column + p) * k->c + j, sum[p]);
}

/// One output for any k and any number of channels (`left` of LANES).
INLINE vf TYPED(depthwise_pixel)(const struct TYPED(depthwise) * k, const element *image, int64_t row, int64_t column, int64_t j,
                                 int64_t left) {
    int64_t half = k->k / 2;
    vf sum = k->bias != NULL ? load_some(k->bias + j, left) : splat(0.0f);
    for (int64_t ky = most(0, half - row); ky < least(k->k, k->h + half - row); ky++)
        for (int64_t kx = most(0, half - column); kx < least(k->k, k->w + half - column); kx++) {
            int64_t tap = ky * k->k + kx;
            if (k->flipped) tap = k->k * k->k - 1 - tap;
            sum += load_some(image + ((row + ky - half) * k->w + column + kx - half) * k->c + j, left) *
                   load_some(k->weight + tap * k->c + j, left);
        }
    return sum;
}

INLINE void TYPED(depthwise_column)(const struct TYPED(depthwise) * k, const element *x, int64_t top, int64_t bottom, int64_t column,
                                    int64_t j, element *y, const int TW) {
    for (int64_t row = top; row < bottom; row++) TYPED(depthwise_tile)(k, x, row, column, j, y + row * k->w * k->c, TW);
}

// One unit is a band of rows of one image.
static void TYPED(depthwise_bands)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(depthwise) *k = context;
    (void)worker;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t image = unit / k->bands, top = unit % k->bands * k->band, bottom = least(k->h, top + k->band);
        const element *x = k->x + image * k->h * k->w * k->c;
        element *y = k->y + image * k->h * k->w * k->c;
        for (int64_t j = 0; j < k->c; j += LANES) {
            int64_t left = k->c - j;
            // Columns in the outer loop, rows in the inner loop: the 7 input rows of a tile stay in the first-level cache from one output
            // row to the next.
            int64_t column = 0;
            if (k->k == 7 && left >= LANES) {
                for (; column + TILE <= k->w; column += TILE) TYPED(depthwise_column)(k, x, top, bottom, column, j, y, TILE);
                if (TILE > 7)
                    for (; column + 7 <= k->w; column += 7) TYPED(depthwise_column)(k, x, top, bottom, column, j, y, 7);
                for (; column + 2 <= k->w; column += 2) TYPED(depthwise_column)(k, x, top, bottom, column, j, y, 2);
            }
            for (; column < k->w; column++)
                for (int64_t row = top; row < bottom; row++)
                    store_some(y + (row * k->w + column) * k->c + j, TYPED(depthwise_pixel)(k, x, row, column, j, left), left);
        }
    }
}

INLINE void TYPED(run_depthwise)(struct TYPED(depthwise) * k) {
    if (k->b <= 0 || k->h <= 0 || k->w <= 0) return;
    k->band = least(k->h, 14);
    k->bands = (k->h + k->band - 1) / k->band;
    vlseg_parallel(k->b * k->bands, 1, TYPED(depthwise_bands), k);
}

static void TYPED(depthwise_forward)(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const element *x, const float *weight,
                                     const float *bias, element *y) {
    TYPED(run_depthwise)
    (&(struct TYPED(depthwise)){.b = b, .h = h, .w = w, .c = c, .k = k, .x = x, .weight = weight, .bias = bias, .y = y});
}

static void TYPED(depthwise_backward_data)(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const element *dy, const float *weight,
                                           element *dx) {
    TYPED(run_depthwise)
    (&(struct TYPED(depthwise)){.b = b, .h = h, .w = w, .c = c, .k = k, .x = dy, .weight = weight, .y = dx, .flipped = 1});
}

/// Adds the contribution of TW outputs of one row to the 7 x 7 weight gradient, and to the bias gradient behind it; partials [50, LANES].
INLINE void TYPED(depthwise_weight_tile)(const struct TYPED(depthwise) * k, const element *image, const element *dy, int64_t row,
                                         int64_t column, int64_t j, float *partials, const int TW) {
    vf d[TILE];
#pragma clang loop unroll(full)
    for (int p = 0; p < TW; p++) d[p] = load(dy + (column + p) * k->c + j);
    int64_t first = most(0, 3 - row), last = least(7, k->h + 3 - row);
    for (int64_t ky = first; ky < last; ky++) {
        const element *line = image + (row + ky - 3) * k->w * k->c + j;
        float *into = partials + ky * 7 * LANES;
        vf sum[7];
#pragma clang loop unroll(full)
        for (int t = 0; t < 7; t++) sum[t] = load(into + t * LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < TW + 6; i++) {
            int64_t at = column + i - 3;
            if (at < 0 || at >= k->w) continue;
            vf x = load(line + at * k->c);
#pragma clang loop unroll(full)
            for (int t = 0; t < 7; t++)
                if (i - t >= 0 && i - t < TW) sum[t] += x * d[i - t];
        }
#pragma clang loop unroll(full)
        for (int t = 0; t < 7; t++) store(into + t * LANES, sum[t]);
    }
    vf total = load(partials + 49 * LANES);
#pragma clang loop unroll(full)
    for (int p = 0; p < TW; p++) total += d[p];
    store(partials + 49 * LANES, total);
}

/// The same for any k, one output and `left` of LANES channels; partials [k * k + 1, LANES].
INLINE void TYPED(depthwise_weight_pixel)(const struct TYPED(depthwise) * k, const element *image, const element *dy, int64_t row,
                                          int64_t column, int64_t j, int64_t left, float *partials) {
    int64_t half = k->k / 2;
    vf d = load_some(dy + column * k->c + j, left);
    for (int64_t ky = most(0, half - row); ky < least(k->k, k->h + half - row); ky++)
        for (int64_t kx = most(0, half - column); kx < least(k->k, k->w + half - column); kx++) {
            float *into = partials + (ky * k->k + kx) * LANES;
            store(into, load(into) + d * load_some(image + ((row + ky - half) * k->w + column + kx - half) * k->c + j, left));
        }
    float *bias = partials + k->k * k->k * LANES;
    store(bias, load(bias) + d);
}

// One unit is one block of LANES channels over one chunk of the rows of all images; it has its own partials [k * k + 1, LANES].
static void TYPED(depthwise_weight_units)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(depthwise) *k = context;
    (void)worker;
    int64_t blocks = round_up(k->c) / LANES, size = (k->k * k->k + 1) * LANES;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t chunk = unit / blocks, j = unit % blocks * LANES, left = k->c - j;
        float *partials = k->partials + unit * size;
        memset(partials, 0, (size_t)size * sizeof(float));
        int64_t last = chunk_begin(k->b * k->h, k->chunks, chunk + 1);
        for (int64_t line = chunk_begin(k->b * k->h, k->chunks, chunk); line < last; line++) {
            const element *image = k->x + line / k->h * k->h * k->w * k->c, *dy = k->dy + line * k->w * k->c;
            int64_t row = line % k->h, column = 0;
            if (k->k == 7 && left >= LANES) {
                for (; column + TILE <= k->w; column += TILE) TYPED(depthwise_weight_tile)(k, image, dy, row, column, j, partials, TILE);
                if (TILE > 7)
                    for (; column + 7 <= k->w; column += 7) TYPED(depthwise_weight_tile)(k, image, dy, row, column, j, partials, 7);
            }
            for (; column < k->w; column++) TYPED(depthwise_weight_pixel)(k, image, dy, row, column, j, left, partials);
        }
    }
}

static void TYPED(depthwise_backward_weight)(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const element *x, const element *dy,
                                             float *dweight, float *dbias) {
    if (b <= 0 || h <= 0 || w <= 0) return;
    struct TYPED(depthwise) d = {.b = b, .h = h, .w = w, .c = c, .k = k, .x = x, .dy = dy};
    int64_t blocks = round_up(c) / LANES, size = (k * k + 1) * LANES;
    d.chunks = most(1, least(16, b * h / 14));
    d.partials = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(d.chunks * blocks * size) * sizeof(float));
    vlseg_parallel(d.chunks * blocks, 1, TYPED(depthwise_weight_units), &d);
    for (int64_t block = 0; block < blocks; block++) {
        int64_t j = block * LANES;
        for (int64_t tap = 0; tap < k * k; tap++)
            add_partials(d.partials + block * size + tap * LANES, d.chunks, blocks * size, least(LANES, c - j), dweight + tap * c + j);
        if (dbias != NULL) add_partials(d.partials + block * size + k * k * LANES, d.chunks, blocks * size, least(LANES, c - j), dbias + j);
    }
}
