// The selective scan: h_l = exp(dt_l A) h_{l-1} + dt_l B_l u_l, y_l = <h_l, C_l> + D u_l, A = -exp(A_log), h_{-1} = 0.
// Lanes are features d. A block of features processes the n states as n vectors, so B and C are scalars and forward needs no sum across
// lanes. Backward recomputes the states of a block, then runs through the positions in reverse.
struct scan {
    int64_t b, l, d, n, ldb, ldc;
    const float *u, *dt, *a_log, *bm, *cm, *skip, *dy;
    float *y, *du, *ddt;
    float *da_partials;    // [b, n, padded d]
    float *dskip_partials; // [b, padded d]
    float *bc_partials;    // [blocks, b, l, 2 n]
};

/// A of LANES features from `j`, transposed to [n] vectors.
INLINE void load_a(const struct scan *k, int64_t j, float *a) {
    for (int64_t n = 0; n < k->n; n++) {
        float lanes[LANES] = {0};
        for (int64_t lane = 0; lane < least(LANES, k->d - j); lane++) lanes[lane] = k->a_log[(j + lane) * k->n + n];
        store(a + n * LANES, -exponential(load(lanes)));
    }
}

static void scan_forward_blocks(void *context, int64_t begin, int64_t end, int worker) {
    const struct scan *k = context;
    (void)worker;
    int64_t blocks = round_up(k->d) / LANES;
    float *a = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(2 * k->n * LANES) * sizeof(float)), *h = a + k->n * LANES;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t b = unit / blocks, j = unit % blocks * LANES, left = k->d - j;
        load_a(k, j, a);
        memset(h, 0, (size_t)(k->n * LANES) * sizeof(float));
        vf skip = load_some(k->skip + j, left);
        for (int64_t l = b * k->l; l < (b + 1) * k->l; l++) {
            vf dt = load_some(k->dt + l * k->d + j, left), u = load_some(k->u + l * k->d + j, left);
            vf y = skip * u, input = dt * u;
            for (int64_t n = 0; n < k->n; n++) {
                vf state = exponential(dt * load(a + n * LANES)) * load(h + n * LANES) + input * k->bm[l * k->ldb + n];
                store(h + n * LANES, state);
                y += state * k->cm[l * k->ldc + n];
            }
            store_some(k->y + l * k->d + j, y, left);
        }
    }
}

static void scan_forward(int64_t b, int64_t l, int64_t d, int64_t n, const float *u, const float *dt, const float *a_log, const float *bm,
                         int64_t ldb, const float *cm, int64_t ldc, const float *skip, float *y) {
    struct scan k = {
        .b = b, .l = l, .d = d, .n = n, .ldb = ldb, .ldc = ldc, .u = u, .dt = dt, .a_log = a_log, .bm = bm, .cm = cm, .skip = skip, .y = y};
    vlseg_parallel(b * (round_up(d) / LANES), 1, scan_forward_blocks, &k);
}

// g_l is the gradient of h_l (from y_l and from h_{l+1}); e = exp(dt A).
// du += g dt B, ddt += g (A e h_{l-1} + B u), dA += g dt e h_{l-1}, dB += g dt u, dC = h dy; g e is passed on to h_{l-1}.
static void scan_backward_blocks(void *context, int64_t begin, int64_t end, int worker) {
    const struct scan *k = context;
    (void)worker;
    int64_t blocks = round_up(k->d) / LANES, wide = blocks * LANES, size = k->n * LANES;
    // a, g and dA [n]; e and h [l, n]
    float *a = vlseg_scratch(VLSEG_SCRATCH_WORK, (size_t)(size * (3 + 2 * k->l)) * sizeof(float));
    float *g = a + size, *da = g + size, *decays = da + size, *states = decays + k->l * size;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t block = unit % blocks, b = unit / blocks, j = block * LANES, left = k->d - j, base = b * k->l;
        load_a(k, j, a);
        for (int64_t l = 0; l < k->l; l++) {
            vf dt = load_some(k->dt + (base + l) * k->d + j, left), input = dt * load_some(k->u + (base + l) * k->d + j, left);
            for (int64_t n = 0; n < k->n; n++) {
                vf e = exponential(dt * load(a + n * LANES));
                vf before = l > 0 ? load(states + ((l - 1) * k->n + n) * LANES) : splat(0.0f);
                store(decays + (l * k->n + n) * LANES, e);
                store(states + (l * k->n + n) * LANES, e * before + input * k->bm[(base + l) * k->ldb + n]);
            }
        }
        memset(g, 0, (size_t)(2 * size) * sizeof(float)); // g and dA
        vf dskip = {}, skip = load_some(k->skip + j, left);
        for (int64_t l = k->l - 1; l >= 0; l--) {
            int64_t at = (base + l) * k->d + j;
            vf dt = load_some(k->dt + at, left), u = load_some(k->u + at, left), dy = load_some(k->dy + at, left);
            vf du = skip * dy, ddt = {};
            dskip += u * dy;
            float *bc = k->bc_partials + ((block * k->b + b) * k->l + l) * 2 * k->n;
            for (int64_t n = 0; n < k->n; n++) {
                float bm = k->bm[(base + l) * k->ldb + n], cm = k->cm[(base + l) * k->ldc + n];
                vf an = load(a + n * LANES), e = load(decays + (l * k->n + n) * LANES), h = load(states + (l * k->n + n) * LANES);
                vf before = l > 0 ? load(states + ((l - 1) * k->n + n) * LANES) : splat(0.0f);
                vf gn = load(g + n * LANES) + dy * cm, carried = e * before;
                du += gn * dt * bm;
                ddt += gn * (an * carried + u * bm);
                store(da + n * LANES, load(da + n * LANES) + gn * dt * carried);
                bc[n] = sum_lanes(gn * dt * u); // the tails are 0: u and dy are loaded with zeros beyond them
                bc[k->n + n] = sum_lanes(h * dy);
                store(g + n * LANES, gn * e);
            }
            store_some(k->du + at, du, left);
            store_some(k->ddt + at, ddt, left);
        }
        for (int64_t n = 0; n < k->n; n++) // through A = -exp(A_log): dA_log = dA A
            store(k->da_partials + (b * k->n + n) * wide + j, load(da + n * LANES) * load(a + n * LANES));
        store(k->dskip_partials + b * wide + j, dskip);
    }
}

static void scan_backward(int64_t b, int64_t l, int64_t d, int64_t n, const float *u, const float *dt, const float *a_log, const float *bm,
                          int64_t ldb, const float *cm, int64_t ldc, const float *skip, const float *dy, float *du, float *ddt,
                          float *da_log, float *dbm, int64_t lddb, float *dcm, int64_t lddc, float *dskip) {
    if (b <= 0 || l <= 0) return;
    struct scan k = {.b = b,
                     .l = l,
                     .d = d,
                     .n = n,
                     .ldb = ldb,
                     .ldc = ldc,
                     .u = u,
                     .dt = dt,
                     .a_log = a_log,
                     .bm = bm,
                     .cm = cm,
                     .skip = skip,
                     .dy = dy,
                     .du = du,
                     .ddt = ddt};
    int64_t blocks = round_up(d) / LANES, wide = blocks * LANES;
    k.da_partials = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(b * n * wide + b * wide + blocks * b * l * 2 * n) * sizeof(float));
    k.dskip_partials = k.da_partials + b * n * wide;
    k.bc_partials = k.dskip_partials + b * wide;
    vlseg_parallel(b * blocks, 1, scan_backward_blocks, &k);
    for (int64_t i = 0; i < d; i++)
        for (int64_t s = 0; s < n; s++) {
            float sum = 0;
            for (int64_t image = 0; image < b; image++) sum += k.da_partials[(image * n + s) * wide + i];
            da_log[i * n + s] += sum;
        }
    add_partials(k.dskip_partials, b, wide, d, dskip);
    for (int64_t row = 0; row < b * l; row++)
        for (int64_t s = 0; s < n; s++) {
            float db = 0, dc = 0;
            for (int64_t block = 0; block < blocks; block++) {
                const float *bc = k.bc_partials + (block * b * l + row) * 2 * n;
                db += bc[s];
                dc += bc[n + s];
            }
            dbm[row * lddb + s] = db;
            dcm[row * lddc + s] = dc;
        }
}
