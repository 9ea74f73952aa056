// Elementwise kernels: one expression each, over one or two inputs. Element i depends on elements i of the inputs only.
struct map {
    const float *a, *b;
    float *y;
    float s;
    struct random_keys keys;
};

enum { ELEMENT_GRAIN = 16384 };

// NAME_range computes y[i] = EXPRESSION of a (and b) at i; s is the scalar argument.
#define MAP1(NAME, EXPRESSION)                                                                        \
    static void NAME##_range(void *context, int64_t begin, int64_t end, int worker) {                 \
        const struct map *map = context;                                                              \
        (void)worker;                                                                                 \
        vf s = splat(map->s);                                                                         \
        (void)s;                                                                                      \
        for (int64_t i = begin; i < end; i += LANES) {                                                \
            vf a = load_some(map->a + i, end - i);                                                    \
            store_some(map->y + i, (EXPRESSION), end - i);                                            \
        }                                                                                             \
    }
#define MAP2(NAME, EXPRESSION)                                                                        \
    static void NAME##_range(void *context, int64_t begin, int64_t end, int worker) {                 \
        const struct map *map = context;                                                              \
        (void)worker;                                                                                 \
        vf s = splat(map->s);                                                                         \
        (void)s;                                                                                      \
        for (int64_t i = begin; i < end; i += LANES) {                                                \
            vf a = load_some(map->a + i, end - i), b = load_some(map->b + i, end - i);                \
            store_some(map->y + i, (EXPRESSION), end - i);                                            \
        }                                                                                             \
    }
#define RUN_MAP(NAME, N, ...) vlseg_parallel(N, ELEMENT_GRAIN, NAME##_range, &(struct map){__VA_ARGS__})

MAP2(add, a + b)
MAP2(add_scaled, a + s * b)
MAP1(scale, s * a)
MAP1(gelu_forward, larger(splat(-1e6f), a) * normal_distribution(a))
MAP1(leaky_relu_forward, choose(a > 0.0f, a, s * a))
MAP2(leaky_relu_backward, choose(a > 0.0f, b, s * b))
MAP1(tanh_forward, hyperbolic_tangent(a))
MAP2(tanh_backward, b * (1.0f - a * a))
MAP1(softplus_forward, softplus(a))
MAP2(softplus_backward, choose(a > 20.0f, b, b * sigmoid(a)))
MAP1(sigmoid_forward, sigmoid(a))
MAP2(sigmoid_backward, b * a * (1.0f - a))

/// d/dx (x Phi(x)) = Phi(x) + x phi(x)
INLINE vf gelu_slope(vf x) {
    vf bounded = choose(x > 15.0f, splat(15.0f), choose(x < -15.0f, splat(-15.0f), x)); // the density is 0 beyond: no infinity times 0
    return normal_distribution(x) + bounded * 0.398942280f * exponential(-0.5f * bounded * bounded);
}
MAP2(gelu_backward, b * gelu_slope(a))

static void add(int64_t n, const float *a, const float *b, float *y) { RUN_MAP(add, n, .a = a, .b = b, .y = y); }
static void add_scaled(int64_t n, const float *a, float s, const float *b, float *y) {
    RUN_MAP(add_scaled, n, .a = a, .b = b, .y = y, .s = s);
}
static void accumulate(int64_t n, float s, const float *x, float *y) { RUN_MAP(add_scaled, n, .a = y, .b = x, .y = y, .s = s); }
static void scale(int64_t n, float s, const float *x, float *y) { RUN_MAP(scale, n, .a = x, .y = y, .s = s); }
static void gelu_forward(int64_t n, const float *x, float *y) { RUN_MAP(gelu_forward, n, .a = x, .y = y); }
static void gelu_backward(int64_t n, const float *x, const float *dy, float *dx) {
    RUN_MAP(gelu_backward, n, .a = x, .b = dy, .y = dx);
}
static void leaky_relu_forward(int64_t n, float slope, const float *x, float *y) {
    RUN_MAP(leaky_relu_forward, n, .a = x, .y = y, .s = slope);
}
static void leaky_relu_backward(int64_t n, float slope, const float *x, const float *dy, float *dx) {
    RUN_MAP(leaky_relu_backward, n, .a = x, .b = dy, .y = dx, .s = slope);
}
static void tanh_forward(int64_t n, const float *x, float *y) { RUN_MAP(tanh_forward, n, .a = x, .y = y); }
static void tanh_backward(int64_t n, const float *y, const float *dy, float *dx) {
    RUN_MAP(tanh_backward, n, .a = y, .b = dy, .y = dx);
}
static void softplus_forward(int64_t n, const float *x, float *y) { RUN_MAP(softplus_forward, n, .a = x, .y = y); }
static void softplus_backward(int64_t n, const float *x, const float *dy, float *dx) {
    RUN_MAP(softplus_backward, n, .a = x, .b = dy, .y = dx);
}
static void sigmoid_forward(int64_t n, const float *x, float *y) { RUN_MAP(sigmoid_forward, n, .a = x, .y = y); }
static void sigmoid_backward(int64_t n, const float *y, const float *dy, float *dx) {
    RUN_MAP(sigmoid_backward, n, .a = y, .b = dy, .y = dx);
}

static void dropout_range(void *context, int64_t begin, int64_t end, int worker) {
    const struct map *map = context;
    (void)worker;
    float factor = 1.0f / (1.0f - map->s);
    for (int64_t i = begin; i < end; i += LANES) {
        vf x = load_some(map->a + i, end - i) * factor;
        store_some(map->y + i, choose(uniforms(map->keys, (uint64_t)i) >= map->s, x, splat(0.0f)), end - i);
    }
}

static void dropout(int64_t n, float p, uint64_t seed, const float *x, float *y) {
    if (p <= 0.0f) {
        if (x != y && n > 0) memmove(y, x, (size_t)n * sizeof *y);
        return;
    }
    vlseg_parallel(n, ELEMENT_GRAIN, dropout_range, &(struct map){.a = x, .y = y, .s = p, .keys = keys_of(seed)});
}

// Sums over n elements: one double for each block of SUM_BLOCK elements, added in order.
enum { SUM_BLOCK = 16384 };

struct sum {
    const float *a, *b;
    const uint8_t *g;
    int64_t n;
    int flag;
    double *partials;
};

INLINE double sum_of_doubles(const double *values, int64_t count) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += values[i];
    return sum;
}

INLINE double run_sum(int64_t n, vlseg_body body, struct sum *sum) {
    int64_t blocks = (n + SUM_BLOCK - 1) / SUM_BLOCK;
    if (n <= 0) return 0;
    sum->n = n;
    sum->partials = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)blocks * sizeof(double));
    vlseg_parallel(blocks, 1, body, sum);
    return sum_of_doubles(sum->partials, blocks);
}

// Adds the vector V (float) into the double accumulators ACC, lane by lane.
#define ADD_DOUBLE(ACC, V) ACC += __builtin_convertvector((V), vd)
#define SUM_DOUBLE(ACC, INTO)                             \
    do {                                                  \
        INTO = 0;                                         \
        for (int lane = 0; lane < LANES; lane++) INTO += (ACC)[lane]; \
    } while (0)

static void dot_blocks(void *context, int64_t begin, int64_t end, int worker) {
    const struct sum *sum = context;
    (void)worker;
    for (int64_t block = begin; block < end; block++) {
        int64_t stop = least(sum->n, (block + 1) * SUM_BLOCK);
        vd total = {};
        for (int64_t i = block * SUM_BLOCK; i < stop; i += LANES) {
            vd a = __builtin_convertvector(load_some(sum->a + i, stop - i), vd);
            vd b = __builtin_convertvector(load_some(sum->b + i, stop - i), vd);
            total += a * b;
        }
        SUM_DOUBLE(total, sum->partials[block]);
    }
}

static double dot(int64_t n, const float *a, const float *b) { return run_sum(n, dot_blocks, &(struct sum){.a = a, .b = b}); }
