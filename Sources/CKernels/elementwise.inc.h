// Elementwise kernels: each is one expression of one or two inputs. Element i depends only on element i of each input.
// Typed (typed.inc.h): compiled for float32 and for bfloat16.
struct TYPED(map) {
    const element *a, *b;
    element *y;
    float s;
    struct random_keys keys;
};

// NAME_range computes y[i] = EXPRESSION of a (and b) at i; s is the scalar argument.
#define MAP1(NAME, EXPRESSION)                                                                                                             \
    static void TYPED(NAME##_range)(void *context, int64_t begin, int64_t end, int worker) {                                               \
        const struct TYPED(map) *map = context;                                                                                            \
        (void)worker;                                                                                                                      \
        vf s = splat(map->s);                                                                                                              \
        (void)s;                                                                                                                           \
        for (int64_t i = begin; i < end; i += LANES) {                                                                                     \
            vf a = load_some(map->a + i, end - i);                                                                                         \
            store_some(map->y + i, (EXPRESSION), end - i);                                                                                 \
        }                                                                                                                                  \
    }
#define MAP2(NAME, EXPRESSION)                                                                                                             \
    static void TYPED(NAME##_range)(void *context, int64_t begin, int64_t end, int worker) {                                               \
        const struct TYPED(map) *map = context;                                                                                            \
        (void)worker;                                                                                                                      \
        vf s = splat(map->s);                                                                                                              \
        (void)s;                                                                                                                           \
        for (int64_t i = begin; i < end; i += LANES) {                                                                                     \
            vf a = load_some(map->a + i, end - i), b = load_some(map->b + i, end - i);                                                     \
            store_some(map->y + i, (EXPRESSION), end - i);                                                                                 \
        }                                                                                                                                  \
    }
#define RUN_MAP(NAME, N, ...) vlseg_parallel(N, ELEMENT_GRAIN, TYPED(NAME##_range), &(struct TYPED(map)){__VA_ARGS__})

MAP2(add, a + b)
MAP2(add_scaled, a + s * b)
MAP1(scale, s *a)
MAP1(gelu_forward, TYPED(gelu)(a))
MAP2(gelu_backward, b *TYPED(gelu_slope)(a))
MAP1(leaky_relu_forward, choose(a > 0.0f, a, s *a))
MAP2(leaky_relu_backward, choose(a > 0.0f, b, s *b))

static void TYPED(add)(int64_t n, const element *a, const element *b, element *y) { RUN_MAP(add, n, .a = a, .b = b, .y = y); }
static void TYPED(add_scaled)(int64_t n, const element *a, float s, const element *b, element *y) {
    RUN_MAP(add_scaled, n, .a = a, .b = b, .y = y, .s = s);
}
static void TYPED(accumulate)(int64_t n, float s, const element *x, element *y) { RUN_MAP(add_scaled, n, .a = y, .b = x, .y = y, .s = s); }
static void TYPED(scale)(int64_t n, float s, const element *x, element *y) { RUN_MAP(scale, n, .a = x, .y = y, .s = s); }
static void TYPED(gelu_forward)(int64_t n, const element *x, element *y) { RUN_MAP(gelu_forward, n, .a = x, .y = y); }
static void TYPED(gelu_backward)(int64_t n, const element *x, const element *dy, element *dx) {
    RUN_MAP(gelu_backward, n, .a = x, .b = dy, .y = dx);
}
static void TYPED(leaky_relu_forward)(int64_t n, float slope, const element *x, element *y) {
    RUN_MAP(leaky_relu_forward, n, .a = x, .y = y, .s = slope);
}
static void TYPED(leaky_relu_backward)(int64_t n, float slope, const element *x, const element *dy, element *dx) {
    RUN_MAP(leaky_relu_backward, n, .a = x, .b = dy, .y = dx, .s = slope);
}

static void TYPED(dropout_range)(void *context, int64_t begin, int64_t end, int worker) {
    const struct TYPED(map) *map = context;
    (void)worker;
    float factor = 1.0f / (1.0f - map->s);
    for (int64_t i = begin; i < end; i += LANES) {
        vf x = load_some(map->a + i, end - i) * factor;
        store_some(map->y + i, choose(uniforms(map->keys, (uint64_t)i) >= map->s, x, splat(0.0f)), end - i);
    }
}

static void TYPED(dropout)(int64_t n, float p, uint64_t seed, const element *x, element *y) {
    if (p <= 0.0f) {
        if (x != y && n > 0) memmove(y, x, (size_t)n * sizeof *y);
        return;
    }
    vlseg_parallel(n, ELEMENT_GRAIN, TYPED(dropout_range), &(struct TYPED(map)){.a = x, .y = y, .s = p, .keys = keys_of(seed)});
}

static void TYPED(dot_blocks)(void *context, int64_t begin, int64_t end, int worker) {
    const struct sum *sum = context;
    const element *first = sum->a, *second = sum->b;
    (void)worker;
    for (int64_t block = begin; block < end; block++) {
        int64_t stop = least(sum->n, (block + 1) * SUM_BLOCK);
        vd total = {};
        for (int64_t i = block * SUM_BLOCK; i < stop; i += LANES) {
            vd a = __builtin_convertvector(load_some(first + i, stop - i), vd);
            vd b = __builtin_convertvector(load_some(second + i, stop - i), vd);
            total += a * b;
        }
        SUM_DOUBLE(total, sum->partials[block]);
    }
}

static double TYPED(dot)(int64_t n, const element *a, const element *b) {
    return run_sum(n, TYPED(dot_blocks), &(struct sum){.a = a, .b = b});
}

static void TYPED(all_finite_blocks)(void *context, int64_t begin, int64_t end, int worker) {
    const struct sum *sum = context;
    const element *x = sum->a;
    (void)worker;
    for (int64_t block = begin; block < end; block++) {
        int64_t stop = least(sum->n, (block + 1) * SUM_BLOCK);
        vi bad = {};
        for (int64_t i = block * SUM_BLOCK; i < stop; i += LANES)
            bad |= ((vi)load_some(x + i, stop - i) & 0x7f800000) == 0x7f800000; // an exponent with all bits set
        int any = 0;
        for (int lane = 0; lane < LANES; lane++) any |= bad[lane] != 0;
        sum->partials[block] = any;
    }
}

static int TYPED(all_finite)(int64_t n, const element *x) { return run_sum(n, TYPED(all_finite_blocks), &(struct sum){.a = x}) == 0.0; }
