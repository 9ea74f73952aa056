// 3x3 convolutions of stride 1 with zero padding 1 by Winograd's minimal filtering F(2x2, 3x3) (Lavin and Gray 2016): 16 products over
// tiles of 4x4 input pixels instead of 36, in float32. NHWC, weights [out, 3, 3, in]. A pass takes some hundreds of tiles, so that the data
// between the transforms stay in the last-level cache. The caller's gemm computes the matrix products; it must run serially inside a
// parallel region.
//
//     forward: Y = A' [sum over in of (G g G') (B' d B)] A            G g G' is `u`, B' d B is `v`, the bracket is `m`
//     data gradient: the same with filters turned by 180 degrees, in and out exchanged
//     weight gradient: G' [sum over tiles of (A dY A') (B' d B)] G, the adjoint of forward in g
struct winograd {
    int64_t h, w, in, out; // `in` channels of x, `out` channels of y
    int64_t down, across;  // tiles of an image
    int64_t first, count;  // tiles of the current pass
    int64_t blocks;        // number of parts that a product's rows are split into
    const float *x, *weight;
    float *y, *u, *v, *m;
    vlseg_gemm gemm;
    char weight_transposed;
    int turned;
};

enum { POINTS = VLSEG_WINOGRAD_POINTS, WINOGRAD_ROWS = 96 };

/// Four numbers of a row or column: B' d.
INLINE void winograd_input(vf *a, vf *b, vf *c, vf *d) {
    vf first = *a - *c, second = *b + *c, third = *c - *b, fourth = *b - *d;
    *a = first, *b = second, *c = third, *d = fourth;
}

/// A tile of a pass: its 2x2 outputs begin at (top, left), its 4x4 inputs one pixel before.
struct winograd_tile {
    int64_t number, image, top, left;
};

/// Processes one vector of channels, which begins at j, of one tile; `rest` channels remain from there.
typedef void (*winograd_body)(const struct winograd *k, struct winograd_tile t, int64_t j, int64_t rest);

/// Walks over the tiles [begin, end) of a pass and their channels; all three transforms use it.
INLINE void winograd_walk(const struct winograd *k, int64_t begin, int64_t end, int64_t channels, winograd_body body) {
    for (int64_t i = begin; i < end; i++) {
        int64_t tile = k->first + i, at = tile % (k->down * k->across);
        struct winograd_tile t = {
            .number = i, .image = tile / (k->down * k->across), .top = at / k->across * 2, .left = at % k->across * 2};
        for (int64_t j = 0; j < channels; j += LANES) body(k, t, j, channels - j);
    }
}

/// Transforms x into v: 16 planes of [count, in].
INLINE void winograd_gather_tile(const struct winograd *k, struct winograd_tile t, int64_t j, int64_t rest) {
    int64_t plane = k->count * k->in, top = t.top - 1, left = t.left - 1;
    vf d[4][4];
#pragma clang loop unroll(full)
    for (int64_t r = 0; r < 4; r++)
#pragma clang loop unroll(full)
        for (int64_t c = 0; c < 4; c++) {
            int inside = top + r >= 0 && top + r < k->h && left + c >= 0 && left + c < k->w;
            d[r][c] = inside ? load_some(k->x + ((t.image * k->h + top + r) * k->w + left + c) * k->in + j, rest) : splat(0.0f);
        }
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c++) winograd_input(&d[0][c], &d[1][c], &d[2][c], &d[3][c]);
#pragma clang loop unroll(full)
    for (int r = 0; r < 4; r++) winograd_input(&d[r][0], &d[r][1], &d[r][2], &d[r][3]);
    float *v = k->v + t.number * k->in + j;
#pragma clang loop unroll(full)
    for (int p = 0; p < POINTS; p++) store_some(v + p * plane, d[p / 4][p % 4], rest);
}

/// Transforms m, 16 planes of [count, out], into y.
INLINE void winograd_scatter_tile(const struct winograd *k, struct winograd_tile t, int64_t j, int64_t rest) {
    int64_t plane = k->count * k->out;
    const float *m = k->m + t.number * k->out + j;
    vf rows[2][4];
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c++) {
        vf a = load_some(m + c * plane, rest), b = load_some(m + (4 + c) * plane, rest);
        vf third = load_some(m + (8 + c) * plane, rest), fourth = load_some(m + (12 + c) * plane, rest);
        rows[0][c] = a + b + third;
        rows[1][c] = b - third - fourth;
    }
#pragma clang loop unroll(full)
    for (int64_t r = 0; r < 2; r++) {
        if (t.top + r >= k->h) continue;
        float *y = k->y + ((t.image * k->h + t.top + r) * k->w + t.left) * k->out + j;
        store_some(y, rows[r][0] + rows[r][1] + rows[r][2], rest);
        if (t.left + 1 < k->w) store_some(y + k->out, rows[r][1] - rows[r][2] - rows[r][3], rest);
    }
}

/// Transforms dY (same layout as y, at k->y, read only) into m: A dY A', 16 planes of [count, out].
INLINE void winograd_spread_tile(const struct winograd *k, struct winograd_tile t, int64_t j, int64_t rest) {
    int64_t plane = k->count * k->out;
    vf g[4][2];
#pragma clang loop unroll(full)
    for (int64_t c = 0; c < 2; c++) {
        vf pair[2];
#pragma clang loop unroll(full)
        for (int64_t r = 0; r < 2; r++) {
            int inside = t.top + r < k->h && t.left + c < k->w;
            pair[r] = inside ? load_some(k->y + ((t.image * k->h + t.top + r) * k->w + t.left + c) * k->out + j, rest) : splat(0.0f);
        }
        g[0][c] = pair[0], g[1][c] = pair[0] + pair[1], g[2][c] = pair[0] - pair[1], g[3][c] = -pair[1];
    }
    float *m = k->m + t.number * k->out + j;
#pragma clang loop unroll(full)
    for (int r = 0; r < 4; r++) {
        store_some(m + (4 * r) * plane, g[r][0], rest);
        store_some(m + (4 * r + 1) * plane, g[r][0] + g[r][1], rest);
        store_some(m + (4 * r + 2) * plane, g[r][0] - g[r][1], rest);
        store_some(m + (4 * r + 3) * plane, -g[r][1], rest);
    }
}

static void winograd_gather(void *context, int64_t begin, int64_t end, int worker) {
    const struct winograd *k = context;
    (void)worker;
    winograd_walk(k, begin, end, k->in, winograd_gather_tile);
}

static void winograd_scatter(void *context, int64_t begin, int64_t end, int worker) {
    const struct winograd *k = context;
    (void)worker;
    winograd_walk(k, begin, end, k->out, winograd_scatter_tile);
}

static void winograd_spread(void *context, int64_t begin, int64_t end, int worker) {
    const struct winograd *k = context;
    (void)worker;
    winograd_walk(k, begin, end, k->out, winograd_spread_tile);
}

/// Transforms filters into u: 16 planes of [out, in] in the order of the weight; rotated for the data gradient.
static void winograd_filters(void *context, int64_t begin, int64_t end, int worker) {
    const struct winograd *k = context;
    (void)worker;
    int64_t rows = k->turned ? k->in : k->out, c = k->turned ? k->out : k->in, plane = rows * c;
    for (int64_t o = begin; o < end; o++)
        for (int64_t j = 0; j < c; j += LANES) {
            vf g[4][3];
#pragma clang loop unroll(full)
            for (int x = 0; x < 3; x++) {
                vf column[3];
#pragma clang loop unroll(full)
                for (int y = 0; y < 3; y++) {
                    int place = k->turned ? (2 - y) * 3 + 2 - x : y * 3 + x;
                    column[y] = load_some(k->weight + (o * 9 + place) * c + j, c - j);
                }
                vf outer = 0.5f * (column[0] + column[2]), inner = 0.5f * column[1];
                g[0][x] = column[0], g[1][x] = outer + inner, g[2][x] = outer - inner, g[3][x] = column[2];
            }
            float *u = k->u + o * c + j;
#pragma clang loop unroll(full)
            for (int r = 0; r < 4; r++) {
                vf outer = 0.5f * (g[r][0] + g[r][2]), inner = 0.5f * g[r][1];
                store_some(u + (4 * r) * plane, g[r][0], c - j);
                store_some(u + (4 * r + 1) * plane, outer + inner, c - j);
                store_some(u + (4 * r + 2) * plane, outer - inner, c - j);
                store_some(u + (4 * r + 3) * plane, g[r][2], c - j);
            }
        }
}

/// Transforms u, 16 planes of gradients [out, in], into the weight's gradient at y: G' u G.
static void winograd_filter_gradients(void *context, int64_t begin, int64_t end, int worker) {
    const struct winograd *k = context;
    (void)worker;
    int64_t c = k->in, plane = k->out * c;
    for (int64_t o = begin; o < end; o++)
        for (int64_t j = 0; j < c; j += LANES) {
            const float *u = k->u + o * c + j;
            vf g[3][4];
#pragma clang loop unroll(full)
            for (int x = 0; x < 4; x++) {
                vf a = load_some(u + x * plane, c - j), b = load_some(u + (4 + x) * plane, c - j);
                vf third = load_some(u + (8 + x) * plane, c - j), fourth = load_some(u + (12 + x) * plane, c - j);
                vf outer = 0.5f * (b + third);
                g[0][x] = a + outer, g[1][x] = 0.5f * (b - third), g[2][x] = outer + fourth;
            }
#pragma clang loop unroll(full)
            for (int y = 0; y < 3; y++) {
                float *dweight = k->y + (o * 9 + y * 3) * c + j;
                vf outer = 0.5f * (g[y][1] + g[y][2]);
                store_some(dweight, g[y][0] + outer, c - j);
                store_some(dweight + c, 0.5f * (g[y][1] - g[y][2]), c - j);
                store_some(dweight + 2 * c, outer + g[y][3], c - j);
            }
        }
}

/// m = v u; one unit is one plane and one block of tiles.
static void winograd_products(void *context, int64_t begin, int64_t end, int worker) {
    const struct winograd *k = context;
    (void)worker;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t point = unit / k->blocks, first = chunk_begin(k->count, k->blocks, unit % k->blocks);
        int64_t rows = chunk_begin(k->count, k->blocks, unit % k->blocks + 1) - first;
        const float *v = k->v + (point * k->count + first) * k->in, *u = k->u + point * k->in * k->out;
        float *m = k->m + (point * k->count + first) * k->out;
        k->gemm('N', k->weight_transposed, rows, k->out, k->in, 1.0f, v, k->in, u, k->weight_transposed == 'T' ? k->in : k->out, 0.0f, m,
                k->out);
    }
}

/// u += m' v over the tiles of a pass; one unit is one plane and one block of filters.
static void winograd_weight_products(void *context, int64_t begin, int64_t end, int worker) {
    const struct winograd *k = context;
    (void)worker;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t point = unit / k->blocks, first = chunk_begin(k->out, k->blocks, unit % k->blocks);
        int64_t rows = chunk_begin(k->out, k->blocks, unit % k->blocks + 1) - first;
        k->gemm('T', 'N', rows, k->in, k->count, 1.0f, k->m + point * k->count * k->out + first, k->out, k->v + point * k->count * k->in,
                k->in, k->first == 0 ? 0.0f : 1.0f, k->u + (point * k->out + first) * k->in, k->in);
    }
}

static struct winograd winograd_of(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, vlseg_gemm gemm, float *workspace,
                                   int64_t *tiles, int64_t *pass) {
    struct winograd k = {.h = h, .w = w, .in = in, .out = out, .down = (h + 1) / 2, .across = (w + 1) / 2, .gemm = gemm};
    *tiles = b * k.down * k.across;
    *pass = vlseg_winograd_pass(*tiles, in + out);
    k.u = workspace;
    k.v = k.u + POINTS * in * out;
    k.m = k.v + POINTS * *pass * in;
    return k;
}

static void winograd_apply(struct winograd k, int64_t tiles, int64_t pass) {
    vlseg_parallel(k.turned ? k.in : k.out, row_grain(9 * (k.turned ? k.out : k.in)), winograd_filters, &k);
    for (k.first = 0; k.first < tiles; k.first += pass) {
        k.count = least(pass, tiles - k.first);
        k.blocks = most(1, k.count / WINOGRAD_ROWS);
        vlseg_parallel(k.count, row_grain(16 * k.in), winograd_gather, &k);
        vlseg_parallel(POINTS * k.blocks, 1, winograd_products, &k);
        vlseg_parallel(k.count, row_grain(16 * k.out), winograd_scatter, &k);
    }
}

static void convolution3x3_forward(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, const float *x, const float *weight,
                                   vlseg_gemm gemm, float *workspace, float *y) {
    int64_t tiles, pass;
    struct winograd k = winograd_of(b, h, w, in, out, gemm, workspace, &tiles, &pass);
    k.x = x, k.weight = weight, k.y = y, k.weight_transposed = 'T';
    winograd_apply(k, tiles, pass);
}

static void convolution3x3_backward_data(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, const float *dy, const float *weight,
                                         vlseg_gemm gemm, float *workspace, float *dx) {
    int64_t tiles, pass;
    struct winograd k = winograd_of(b, h, w, out, in, gemm, workspace, &tiles, &pass);
    k.x = dy, k.weight = weight, k.y = dx, k.weight_transposed = 'N', k.turned = 1;
    winograd_apply(k, tiles, pass);
}

static void convolution3x3_backward_weight(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, const float *x, const float *dy,
                                           vlseg_gemm gemm, float *workspace, float *dweight) {
    int64_t tiles, pass;
    struct winograd k = winograd_of(b, h, w, in, out, gemm, workspace, &tiles, &pass);
    k.x = x;
    for (k.first = 0; k.first < tiles; k.first += pass) {
        k.count = least(pass, tiles - k.first);
        k.blocks = most(1, out / WINOGRAD_ROWS);
        k.y = (float *)dy; // winograd_spread only reads it
        vlseg_parallel(k.count, row_grain(16 * in), winograd_gather, &k);
        vlseg_parallel(k.count, row_grain(16 * out), winograd_spread, &k);
        vlseg_parallel(POINTS * k.blocks, 1, winograd_weight_products, &k);
    }
    k.y = dweight;
    vlseg_parallel(out, row_grain(9 * in), winograd_filter_gradients, &k);
}
