// Loss terms and counts over maps of n pixels; p predictions, g targets 0 or 1. Sums are in double, over fixed blocks or whole maps, and
// are added in order.
struct maps {
    int64_t n, rows, cols, width;
    float threshold;
    const float *p, *target_factor, *constant, *spectrum_g;
    const uint8_t *g;
    float *out;
    double *sums;
    int64_t *counts;
};

static void dice_sums_maps(void *context, int64_t begin, int64_t end, int worker) {
    const struct maps *k = context;
    (void)worker;
    for (int64_t m = begin; m < end; m++) {
        const float *p = k->p + m * k->n;
        const uint8_t *g = k->g + m * k->n;
        vd both = {}, predicted = {}, wanted = {};
        for (int64_t i = 0; i < k->n; i += LANES) {
            vd pd = __builtin_convertvector(load_some(p + i, k->n - i), vd), gd = __builtin_convertvector(load_bytes(g + i, k->n - i), vd);
            both += pd * gd;
            predicted += pd;
            wanted += gd;
        }
        SUM_DOUBLE(both, k->sums[m * 3]);
        SUM_DOUBLE(predicted, k->sums[m * 3 + 1]);
        SUM_DOUBLE(wanted, k->sums[m * 3 + 2]);
    }
}

static void dice_sums(int64_t maps, int64_t n, const float *p, const uint8_t *g, double *sums) {
    vlseg_parallel(maps, most(1, ELEMENT_GRAIN / most(n, 1)), dice_sums_maps, &(struct maps){.n = n, .p = p, .g = g, .sums = sums});
}

static void dice_gradient_maps(void *context, int64_t begin, int64_t end, int worker) {
    const struct maps *k = context;
    (void)worker;
    for (int64_t m = begin; m < end; m++)
        for (int64_t i = 0; i < k->n; i += LANES) {
            float *dp = k->out + m * k->n + i;
            vf g = load_bytes(k->g + m * k->n + i, k->n - i);
            store_some(dp, load_some(dp, k->n - i) + (k->target_factor[m] * g + k->constant[m]), k->n - i);
        }
}

static void dice_gradient(int64_t maps, int64_t n, const uint8_t *g, const float *target_factor, const float *constant, float *dp) {
    struct maps k = {.n = n, .g = g, .target_factor = target_factor, .constant = constant, .out = dp};
    vlseg_parallel(maps, most(1, ELEMENT_GRAIN / most(n, 1)), dice_gradient_maps, &k);
}

static void entropy_blocks(void *context, int64_t begin, int64_t end, int worker) {
    const struct sum *sum = context;
    const float *predictions = sum->a;
    (void)worker;
    for (int64_t block = begin; block < end; block++) {
        int64_t stop = least(sum->n, (block + 1) * SUM_BLOCK);
        vd total = {};
        for (int64_t i = block * SUM_BLOCK; i < stop; i += LANES) {
            vf p = load_some(predictions + i, stop - i);
            vf term = p * logarithm(p + 1e-8f);
            if (sum->flag) term += (1.0f - p) * logarithm(1.0f - p + 1e-8f);
            total -= __builtin_convertvector(choose(first_lanes(stop - i), term, splat(0.0f)), vd);
        }
        SUM_DOUBLE(total, sum->partials[block]);
    }
}

static double entropy(int64_t n, int two_class, const float *p) {
    return run_sum(n, entropy_blocks, &(struct sum){.a = p, .flag = two_class});
}

// d/dp of -p log(p + e) is -(log(p + e) + p / (p + e)).
INLINE vf entropy_slope(vf p) { return -(logarithm(p + 1e-8f) + p / (p + 1e-8f)); }
MAP2(entropy_gradient_one, b + s * entropy_slope(a))
MAP2(entropy_gradient_two, b + s * (entropy_slope(a) - entropy_slope(1.0f - a)))

static void entropy_gradient(int64_t n, int two_class, float factor, const float *p, float *dp) {
    if (two_class)
        RUN_MAP(entropy_gradient_two, n, .a = p, .b = dp, .y = dp, .s = factor);
    else
        RUN_MAP(entropy_gradient_one, n, .a = p, .b = dp, .y = dp, .s = factor);
}

static void bce_blocks(void *context, int64_t begin, int64_t end, int worker) {
    const struct sum *sum = context;
    const float *predictions = sum->a;
    (void)worker;
    for (int64_t block = begin; block < end; block++) {
        int64_t stop = least(sum->n, (block + 1) * SUM_BLOCK);
        vd total = {};
        for (int64_t i = block * SUM_BLOCK; i < stop; i += LANES) {
            vf p = load_some(predictions + i, stop - i), g = load_bytes(sum->g + i, stop - i);
            vf yes = logarithm(p), no = logarithm(1.0f - p);
            yes = choose(yes < -100.0f, splat(-100.0f), yes);
            no = choose(no < -100.0f, splat(-100.0f), no);
            vf term = g * yes + (1.0f - g) * no;
            total -= __builtin_convertvector(choose(first_lanes(stop - i), term, splat(0.0f)), vd);
        }
        SUM_DOUBLE(total, sum->partials[block]);
    }
}

static double bce(int64_t n, const float *p, const uint8_t *g) { return run_sum(n, bce_blocks, &(struct sum){.a = p, .g = g}); }

static void bce_gradient_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct maps *k = context;
    (void)worker;
    for (int64_t i = begin; i < end; i += LANES) {
        vf p = load_some(k->p + i, end - i), g = load_bytes(k->g + i, end - i);
        vf variance = larger(splat(1e-12f), p * (1.0f - p));
        store_some(k->out + i, load_some(k->out + i, end - i) + k->threshold * (p - g) / variance, end - i);
    }
}

static void bce_gradient(int64_t n, float factor, const float *p, const uint8_t *g, float *dp) {
    vlseg_parallel(n, ELEMENT_GRAIN, bce_gradient_range, &(struct maps){.p = p, .g = g, .threshold = factor, .out = dp});
}

// The cross entropy summed over only the pixels where g is 1 (flag), or only those where g is 0.
static void bce_class_blocks(void *context, int64_t begin, int64_t end, int worker) {
    const struct sum *sum = context;
    const float *predictions = sum->a;
    (void)worker;
    for (int64_t block = begin; block < end; block++) {
        int64_t stop = least(sum->n, (block + 1) * SUM_BLOCK);
        vd total = {};
        for (int64_t i = block * SUM_BLOCK; i < stop; i += LANES) {
            vf p = load_some(predictions + i, stop - i), g = load_bytes(sum->g + i, stop - i);
            vf term = larger(logarithm(sum->flag ? p : 1.0f - p), splat(-100.0f));
            vi counts = (sum->flag ? g > 0.5f : g < 0.5f) & first_lanes(stop - i);
            total -= __builtin_convertvector(choose(counts, term, splat(0.0f)), vd);
        }
        SUM_DOUBLE(total, sum->partials[block]);
    }
}

static void bce_classes(int64_t n, const float *p, const uint8_t *g, double *sums) {
    for (int foreground = 0; foreground < 2; foreground++)
        sums[foreground] = run_sum(n, bce_class_blocks, &(struct sum){.a = p, .g = g, .flag = foreground});
}

static void bce_classes_gradient_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct maps *k = context;
    (void)worker;
    for (int64_t i = begin; i < end; i += LANES) {
        vf p = load_some(k->p + i, end - i), g = load_bytes(k->g + i, end - i);
        vf factor = choose(g > 0.5f, splat(k->constant[1]), splat(k->constant[0]));
        store_some(k->out + i, load_some(k->out + i, end - i) + factor * (p - g) / larger(splat(1e-12f), p * (1.0f - p)), end - i);
    }
}

static void bce_classes_gradient(int64_t n, const float *factors, const float *p, const uint8_t *g, float *dp) {
    vlseg_parallel(n, ELEMENT_GRAIN, bce_classes_gradient_range, &(struct maps){.p = p, .g = g, .constant = factors, .out = dp});
}

// One unit is one row of one map's half spectrum. Plain C, because the work is only two square roots per value over half a map.
static void spectral_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct maps *k = context;
    (void)worker;
    for (int64_t row = begin; row < end; row++) {
        float *p = k->out + row * k->cols * 2;
        const float *g = k->spectrum_g + row * k->cols * 2;
        double sum = 0;
        for (int64_t i = 0; i < k->cols; i++) {
            float size = sqrtf(p[2 * i] * p[2 * i] + p[2 * i + 1] * p[2 * i + 1]);
            float difference = size - sqrtf(g[2 * i] * g[2 * i] + g[2 * i + 1] * g[2 * i + 1]);
            double weight = i == 0 || (k->width % 2 == 0 && i == k->cols - 1) ? 1 : 2;
            sum += weight * ((double)difference * (double)difference);
            float factor = size > 0 ? difference / size : 0;
            p[2 * i] *= factor;
            p[2 * i + 1] *= factor;
        }
        k->sums[row] = sum;
    }
}

static double spectral_terms(int64_t maps, int64_t rows, int64_t cols, int64_t width, float *spectrum_p, const float *spectrum_g) {
    if (maps * rows <= 0) return 0;
    struct maps k = {.cols = cols, .width = width, .out = spectrum_p, .spectrum_g = spectrum_g};
    k.sums = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(maps * rows) * sizeof(double));
    vlseg_parallel(maps * rows, row_grain(cols), spectral_rows, &k);
    return sum_of_doubles(k.sums, maps * rows);
}

static void confusion_maps(void *context, int64_t begin, int64_t end, int worker) {
    const struct maps *k = context;
    (void)worker;
    for (int64_t m = begin; m < end; m++) {
        const float *p = k->p + m * k->n;
        const uint8_t *g = k->g + m * k->n;
        int64_t both = 0, predicted = 0, wanted = 0;
        for (int64_t i = 0; i < k->n; i++) {
            int yes = p[i] > k->threshold, is = g[i] != 0;
            both += yes & is;
            predicted += yes;
            wanted += is;
        }
        int64_t *counts = k->counts + m * 4;
        counts[0] = both;
        counts[1] = predicted - both;
        counts[2] = wanted - both;
        counts[3] = k->n - predicted - wanted + both;
    }
}

static void confusion(int64_t maps, int64_t n, float threshold, const float *p, const uint8_t *g, int64_t *counts) {
    struct maps k = {.n = n, .threshold = threshold, .p = p, .g = g, .counts = counts};
    vlseg_parallel(maps, most(1, ELEMENT_GRAIN / most(n, 1)), confusion_maps, &k);
}
