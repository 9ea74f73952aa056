// Runs the vector kernels on the same odd-sized inputs on any processor and writes what they gave, a line a number behind a line with the
// kernel's name: Scripts/check-arm64.sh compares the output of an arm64 build with this machine's. Every instruction set's own tests are in
// Tests/CKernelsTests.
#include "CKernels.h"
#include "CPixels.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static float next_number(void) {
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (float)((double)((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1);
}

/// `count` numbers in [middle - 1, middle + 1), kept until the program ends.
static float *numbers(int64_t count, float middle) {
    float *x = malloc((size_t)count * sizeof *x);
    if (!x) abort();
    for (int64_t i = 0; i < count; i++) x[i] = middle + next_number();
    return x;
}

static float *zeros(int64_t count) {
    float *x = calloc((size_t)count, sizeof *x);
    if (!x) abort();
    return x;
}

static uint8_t *bytes(int64_t count, int limit) {
    uint8_t *x = malloc((size_t)count);
    if (!x) abort();
    for (int64_t i = 0; i < count; i++) x[i] = (uint8_t)((next_number() + 1) / 2 * (float)limit);
    return x;
}

static vlseg_bf16 *halves(const float *x, int64_t count) {
    vlseg_bf16 *y = malloc((size_t)count * sizeof *y);
    if (!y) abort();
    vlseg_bf16_from_float(count, x, y);
    return y;
}

static void show(const char *name, const float *x, int64_t count) {
    printf("# %s\n", name);
    for (int64_t i = 0; i < count; i++) printf("%.9g\n", (double)x[i]);
}

static void show_halves(const char *name, const vlseg_bf16 *x, int64_t count) {
    float *wide = zeros(count);
    vlseg_float_from_bf16(count, x, wide);
    show(name, wide, count);
    free(wide);
}

static void product(char ta, char tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda, const float *b,
                    int64_t ldb, float beta, float *c, int64_t ldc) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t l = 0; l < k; l++)
                sum += (double)(ta == 'T' ? a[l * lda + i] : a[i * lda + l]) * (double)(tb == 'T' ? b[j * ldb + l] : b[l * ldb + j]);
            c[i * ldc + j] = alpha * (float)sum + (beta == 0 ? 0 : beta * c[i * ldc + j]);
        }
}

// A kernel of one input and one of two, in both formats.
#define ONE(NAME, ...)                                                                                                                     \
    do {                                                                                                                                   \
        float *x = numbers(count, 0), *y = zeros(count);                                                                                   \
        vlseg_##NAME(count, __VA_ARGS__ x, y);                                                                                             \
        show(#NAME, y, count);                                                                                                             \
        vlseg_bf16 *h = halves(x, count), *r = halves(y, count);                                                                           \
        vlseg_##NAME##_bf16(count, __VA_ARGS__ h, r);                                                                                      \
        show_halves(#NAME " bf16", r, count);                                                                                              \
    } while (0)
#define ONE_FLOAT(NAME)                                                                                                                    \
    do {                                                                                                                                   \
        float *x = numbers(count, 0), *y = zeros(count);                                                                                   \
        vlseg_##NAME(count, x, y);                                                                                                         \
        show(#NAME, y, count);                                                                                                             \
    } while (0)
#define TWO(NAME, ...)                                                                                                                     \
    do {                                                                                                                                   \
        float *a = numbers(count, 0), *b = numbers(count, 0), *y = zeros(count);                                                           \
        vlseg_##NAME(count, __VA_ARGS__ a, b, y);                                                                                          \
        show(#NAME, y, count);                                                                                                             \
        vlseg_bf16 *h = halves(a, count), *k = halves(b, count), *r = halves(y, count);                                                    \
        vlseg_##NAME##_bf16(count, __VA_ARGS__ h, k, r);                                                                                   \
        show_halves(#NAME " bf16", r, count);                                                                                              \
    } while (0)
#define TWO_FLOAT(NAME)                                                                                                                    \
    do {                                                                                                                                   \
        float *a = numbers(count, 0), *b = numbers(count, 0), *y = zeros(count);                                                           \
        vlseg_##NAME(count, a, b, y);                                                                                                      \
        show(#NAME, y, count);                                                                                                             \
    } while (0)

static void elementwise(int64_t count) {
    ONE(scale, 1.7f, );
    ONE(gelu_forward, );
    ONE(leaky_relu_forward, 0.01f, );
    ONE(dropout, 0.3f, 99, );
    ONE(accumulate, 0.3f, );
    ONE_FLOAT(tanh_forward);
    ONE_FLOAT(softplus_forward);
    ONE_FLOAT(sigmoid_forward);
    TWO(add, );
    TWO(gelu_backward, );
    TWO(leaky_relu_backward, 0.01f, );
    TWO_FLOAT(tanh_backward);
    TWO_FLOAT(softplus_backward);
    TWO_FLOAT(sigmoid_backward);
}

// Kernels over rows and maps, for one format: E its element, S the functions' suffix, OF and SHOW what makes and shows arrays of it.
#define AS_FLOATS(X, COUNT) (X)
#define TYPED(E, S, OF, SHOW, LABEL)                                                                                                       \
    do {                                                                                                                                   \
        int64_t rows = 203, c = 41, n = rows * c;                                                                                          \
        float *gamma = numbers(c, 1), *beta = numbers(c, 0), *mean = zeros(rows), *rstd = zeros(rows);                                     \
        E *x = OF(numbers(n, 0), n), *dy = OF(numbers(n, 0), n), *y = OF(zeros(n), n), *dx = OF(zeros(n), n);                              \
        float *first = zeros(c), *second = zeros(c);                                                                                       \
        vlseg_layer_norm_forward##S(rows, c, 1e-5f, x, gamma, beta, y, mean, rstd);                                                        \
        SHOW("layer norm" LABEL, y, n);                                                                                                    \
        vlseg_layer_norm_backward##S(rows, c, x, gamma, mean, rstd, dy, dx, first, second);                                                \
        SHOW("layer norm gradient" LABEL, dx, n);                                                                                          \
        show("layer norm scale's gradient" LABEL, first, c);                                                                               \
        float *average = numbers(c, 0), *variance = numbers(c, 2), *columns = zeros(c), *inverse = zeros(c);                               \
        vlseg_batch_norm_forward##S(rows, c, 1e-5f, 0.1f, 0.01f, x, gamma, beta, average, variance, y, columns, inverse);                  \
        SHOW("batch norm" LABEL, y, n);                                                                                                    \
        show("running variance" LABEL, variance, c);                                                                                       \
        vlseg_batch_norm_backward##S(rows, c, 0.01f, x, gamma, beta, columns, inverse, dy, dx, first, second);                             \
        SHOW("batch norm gradient" LABEL, dx, n);                                                                                          \
        vlseg_batch_norm_inference##S(rows, c, 1e-5f, 0.01f, x, gamma, beta, average, variance, y);                                        \
        SHOW("batch norm, inference" LABEL, y, n);                                                                                         \
        vlseg_bias_gradient##S(rows, c, dy, first);                                                                                        \
        show("bias gradient" LABEL, first, c);                                                                                             \
        float *table = numbers(29 * c, 0);                                                                                                 \
        vlseg_add_table##S(rows, 29, c, x, table, y);                                                                                      \
        vlseg_add_bias##S(rows, c, beta, y);                                                                                               \
        vlseg_copy_columns##S(rows, c - 2, x, c, y, c, 1);                                                                                 \
        SHOW("table, bias and columns" LABEL, y, n);                                                                                       \
        vlseg_gelu_bias_backward##S(rows, c, x, dy, dx, first, y);                                                                         \
        SHOW("gelu and bias gradient" LABEL, dx, n);                                                                                       \
        int64_t b = 2, h = 9, w = 13, maps = b * h * w * 19;                                                                               \
        float *weight = numbers(49 * 19, 0), *dweight = zeros(49 * 19), *dbias = zeros(19);                                                \
        E *map = OF(numbers(maps, 0), maps), *out = OF(zeros(maps), maps);                                                                 \
        vlseg_depthwise_forward##S(b, h, w, 19, 7, map, weight, gamma, out);                                                               \
        SHOW("depthwise" LABEL, out, maps);                                                                                                \
        vlseg_depthwise_backward_data##S(b, h, w, 19, 7, map, weight, out);                                                                \
        SHOW("depthwise data gradient" LABEL, out, maps);                                                                                  \
        vlseg_depthwise_backward_weight##S(b, h, w, 19, 7, map, x, dweight, dbias);                                                        \
        show("depthwise weight gradient" LABEL, dweight, 49 * 19);                                                                         \
        int64_t lq = 21, lk = 17, d = 5, heads = 3, q = 2 * lq * heads * d, k = 2 * lk * heads * d;                                        \
        float *lse = zeros(2 * heads * lq);                                                                                                \
        E *dq = OF(zeros(q), q), *dk = OF(zeros(k), k), *dv = OF(zeros(k), k), *result = OF(zeros(q), q);                                  \
        vlseg_attention_forward##S(2, heads, lq, lk, d, x, heads *d, dy, heads *d, map, heads *d, 0, 0.4f, 0.2f, 5, product, result,       \
                                   heads *d, lse);                                                                                         \
        SHOW("attention" LABEL, result, q);                                                                                                \
        vlseg_attention_backward##S(2, heads, lq, lk, d, x, heads *d, dy, heads *d, map, heads *d, 0, 0.4f, 0.2f, 5, product, result,      \
                                    heads *d, lse, x, heads *d, dq, heads *d, dk, heads *d, dv, heads *d);                                 \
        SHOW("attention's query gradient" LABEL, dq, q);                                                                                   \
        SHOW("attention's key gradient" LABEL, dk, k);                                                                                     \
        SHOW("attention's value gradient" LABEL, dv, k);                                                                                   \
    } while (0)

static void sequences(void) {
    int64_t b = 2, l = 7, d = 13, n = 5, size = b * l * d;
    float *u = numbers(size, 0), *dt = numbers(size, 1.5f), *a = numbers(d * n, 0), *bm = numbers(b * l * n, 0),
          *cm = numbers(b * l * n, 0);
    float *skip = numbers(d, 0), *y = zeros(size), *dy = numbers(size, 0), *du = zeros(size), *ddt = zeros(size), *da = zeros(d * n);
    float *dbm = zeros(b * l * n), *dcm = zeros(b * l * n), *dskip = zeros(d);
    vlseg_scan_forward(b, l, d, n, u, dt, a, bm, n, cm, n, skip, y);
    show("scan", y, size);
    vlseg_scan_backward(b, l, d, n, u, dt, a, bm, n, cm, n, skip, dy, du, ddt, da, dbm, n, dcm, n, dskip);
    show("scan's input gradient", du, size);
    show("scan's step gradient", ddt, size);
    show("scan's state gradient", da, d * n);
    float *weight = numbers(3 * d, 0), *dweight = zeros(3 * d);
    vlseg_conv1d_forward(b, l, d, 3, 1, u, d, weight, y);
    show("short convolution", y, size);
    vlseg_conv1d_backward(b, l, d, 3, 1, u, d, weight, dy, du, d, dweight);
    show("short convolution's gradient", du, size);
    show("short convolution's weight gradient", dweight, 3 * d);
}

static void convolutions(void) {
    int64_t b = 2, h = 7, w = 6, in = 19, out = 17;
    float *x = numbers(b * h * w * in, 0), *weight = numbers(out * 9 * in, 0), *dy = numbers(b * h * w * out, 0);
    float *y = zeros(b * h * w * out), *dx = zeros(b * h * w * in), *dweight = zeros(out * 9 * in);
    float *workspace = zeros(vlseg_convolution3x3_workspace(b, h, w, in, out) / (int64_t)sizeof(float));
    vlseg_convolution3x3_forward(b, h, w, in, out, x, weight, product, workspace, y);
    show("convolution 3x3", y, b * h * w * out);
    vlseg_convolution3x3_backward_data(b, h, w, in, out, dy, weight, product, workspace, dx);
    show("convolution 3x3, data gradient", dx, b * h * w * in);
    vlseg_convolution3x3_backward_weight(b, h, w, in, out, x, dy, product, workspace, dweight);
    show("convolution 3x3, weight gradient", dweight, out * 9 * in);
}

static void windows(void) {
    // Stride, dilation and groups together; a group for each channel.
    const vlseg_window some[2] = {{2, 7, 9, 20, 4, 9, 22, 3, 2, 2, 1, 1, 1, 1, 2, 2}, {2, 7, 9, 21, 4, 5, 21, 3, 3, 2, 2, 1, 1, 1, 1, 21}};
    for (int i = 0; i < 2; i++) {
        vlseg_window w = some[i];
        w.out_height = (w.height + 2 * w.padding_rows - w.dilation_rows * (w.kernel_height - 1) - 1) / w.stride_rows + 1;
        w.out_width = (w.width + 2 * w.padding_columns - w.dilation_columns * (w.kernel_width - 1) - 1) / w.stride_columns + 1;
        int64_t in = w.batch * w.height * w.width * w.input, out = w.batch * w.out_height * w.out_width * w.output;
        int64_t taps = w.output * w.kernel_height * w.kernel_width * (w.input / w.groups);
        float *x = numbers(in, 0), *weight = numbers(taps, 0), *dy = numbers(out, 0), *y = zeros(out), *dx = zeros(in), *dw = zeros(taps);
        vlseg_window_forward(&w, x, weight, y);
        show("any convolution", y, out);
        vlseg_window_backward_data(&w, dy, weight, dx);
        show("any convolution, data gradient", dx, in);
        vlseg_window_backward_weight(&w, x, dy, dw);
        show("any convolution, weight gradient", dw, taps);
    }
}

// Kernels that have one form for all processors, and the rest of the image path.
static void maps(void) {
    int64_t b = 2, h = 8, w = 12, c = 9, n = b * h * w * c;
    float *x = numbers(n, 0), *y = zeros(n), *bias = numbers(c, 0), *filled = zeros(8);
    vlseg_bf16 *halved = halves(x, n), *half = halves(y, n);
    vlseg_fill(8, 1.5f, filled);
    show("fill", filled, 8);
    vlseg_patch_gather(b, h, w, c, 4, x, y);
    show("patches", y, n);
    vlseg_patch_scatter(b, h, w, c, 2, x, y);
    show("patches back", y, n);
    vlseg_patch_gather_bf16(b, h, w, c, 4, halved, half);
    vlseg_patch_scatter_bf16(b, h, w, c, 2, half, halved);
    show_halves("patches bf16", halved, n);
    uint8_t *places = bytes(n / 4, 1);
    vlseg_max_pool(b, h, w, c, 2, 0, x, y, places);
    show("max pooling", y, n / 4);
    vlseg_max_pool_gradient(b, h, w, c, 2, 0, y, places, x, 1);
    show("max pooling's gradient", x, n);
    vlseg_max_pool(b, h, w, c, 2, 1, halved, half, places);
    vlseg_max_pool_gradient(b, h, w, c, 2, 1, half, places, halved, 0);
    show_halves("max pooling's gradient bf16", halved, n);
    vlseg_shuffle_pool_forward(b, h, w, 3, x, 0.5f, y);
    show("shuffle and pool", y, n);
    vlseg_shuffle_pool_backward(b, h, w, 3, y, x);
    show("shuffle and pool's gradient", x, n);
    uint8_t *pictures = bytes(b * h * w * 3, 256);
    float *images = zeros(b * h * w * 3), *table = numbers(3 * 256, 0);
    vlseg_normalise_images(b, h * w, 3, pictures, images);
    show("normalised images", images, b * h * w * 3);
    vlseg_bf16 *half_images = halves(images, b * h * w * 3);
    vlseg_normalise_images_bf16(b, h * w, 3, pictures, half_images);
    show_halves("normalised images bf16", half_images, b * h * w * 3);
    vlseg_map_images(b * h * w, 3, table, 1, pictures, images);
    show("images by a table", images, b * h * w * 3);
    int64_t rows = n / c;
    vlseg_gelu_bias_forward(rows, c, bias, x, y);
    show("gelu and bias", y, n);
    vlseg_gelu_bias_forward_bf16(rows, c, bias, halved, half);
    show_halves("gelu and bias bf16", half, n);
    float *factors = numbers(rows, 0), *sums = numbers(rows, 0), *product = numbers(n, 0), *dw = zeros(n), *db = zeros(rows),
          *ds = zeros(rows);
    vlseg_scale_rows(rows, c, factors, x, y);
    show("scaled rows", y, n);
    vlseg_scale_rows_bf16(rows, c, factors, x, half);
    show_halves("scaled rows bf16", half, n);
    vlseg_scaled_linear_backward(rows, c, x, sums, factors, product, sums, dw, db, ds);
    show("gradient of a scaled weight", dw, n);
    show("gradient of a scale", ds, rows);
    vlseg_add_scaled(n, x, 0.7f, product, y);
    show("scaled sum", y, n);
    vlseg_add_scaled_bf16(n, halved, 0.7f, half, halved);
    show_halves("scaled sum bf16", halved, n);
    float *position_bias = numbers(24, 0), *positions = numbers(48 * 21, 0), *position_gradient = zeros(24);
    vlseg_add_position_bias(48, 24, 21, position_bias, 0, positions);
    show("bias of positions", positions, 48 * 21);
    vlseg_position_bias_gradient(48, 24, 21, 0, positions, position_gradient);
    show("gradient of the bias of positions", position_gradient, 24);
    float checks[4] = {(float)vlseg_all_finite(n, x), (float)vlseg_all_finite_bf16(n, halved), vlseg_dropout_uniform(3, 17), 0};
    x[n - 1] = 1 / (checks[3]);
    checks[3] = (float)vlseg_all_finite(n, x);
    show("checks of numbers", checks, 4);
}

static void attention_windows(void) {
    struct vlseg_windows s = {.b = 2, .h = 14, .w = 7, .heads = 2, .d = 12, .side = 7, .shift = 3, .scale = 0.3f};
    int64_t pixels = 2 * 14 * 7;
    float *qkv = numbers(pixels * 72, 0), *table = numbers(338, 0), *dout = numbers(pixels * 24, 0);
    float *y = zeros(pixels * 24), *logs = zeros(pixels * 2), *dqkv = zeros(pixels * 72), *dtable = zeros(338);
    vlseg_window_attention_forward(&s, qkv, table, y, logs);
    show("window attention", y, pixels * 24);
    vlseg_window_attention_backward(&s, qkv, table, logs, dout, dqkv, dtable);
    show("window attention, gradient", dqkv, pixels * 72);
    show("window attention, gradient of the table", dtable, 338);
}

static void losses(void) {
    int64_t maps = 3, n = 1003, all = maps * n;
    float *p = numbers(all, 0), *dp = zeros(all);
    for (int64_t i = 0; i < all; i++) p[i] = p[i] / 2 + 0.5f;
    uint8_t *g = bytes(all, 2);
    double sums[9];
    vlseg_dice_sums(maps, n, p, g, sums);
    float scalars[12];
    for (int i = 0; i < 9; i++) scalars[i] = (float)sums[i];
    scalars[9] = (float)vlseg_entropy(all, 1, p);
    scalars[10] = (float)vlseg_bce(all, p, g);
    scalars[11] = (float)vlseg_dot(all, p, p);
    show("sums of losses", scalars, 12);
    vlseg_entropy_gradient(all, 1, 0.3f, p, dp);
    vlseg_bce_gradient(all, 0.01f, p, g, dp);
    show("gradients of losses", dp, all);
    float factors[3] = {0.3f, -0.2f, 0.1f}, constants[3] = {0.01f, 0.02f, 0.03f};
    vlseg_dice_gradient(maps, n, g, factors, constants, dp);
    double classes[2];
    vlseg_bce_classes(all, p, g, classes);
    vlseg_bce_classes_gradient(all, factors, p, g, dp);
    show("gradients of losses by image and class", dp, all);
    int64_t counts[12];
    vlseg_confusion(maps, n, 0.4f, p, g, counts);
    float found[15];
    for (int i = 0; i < 12; i++) found[i] = (float)counts[i];
    for (int i = 0; i < 2; i++) found[12 + i] = (float)classes[i];
    // A spectrum of 17 rows and 29 of 57 columns, complex.
    float *spectrum = numbers(17 * 29 * 2, 0), *wanted = numbers(17 * 29 * 2, 0);
    found[14] = (float)vlseg_spectral_terms(1, 17, 29, 57, spectrum, wanted);
    show("counts and sums", found, 15);
    show("spectrum", spectrum, 17 * 29 * 2);
    float *weights = numbers(all, 0), *first = zeros(all), *second = zeros(all);
    for (int64_t step = 1; step <= 3; step++) vlseg_adamw(all, weights, dp, first, second, 1e-2f, 0.9f, 0.999f, 1e-8f, 0.01f, step);
    show("AdamW", weights, all);
    for (int64_t step = 0; step < 3; step++) vlseg_sgd(all, weights, dp, first, 1e-2f, 0.9f, 0.01f, NULL);
    show("SGD", weights, all);
    float *rows = zeros(all);
    vlseg_softmax_rows(maps, n, weights, rows);
    show("softmax", rows, all);
}

/// Byte kernels are exact: the comparison allows them nothing, as their names say.
static void pixels(void) {
    int64_t width = 37, height = 5, c = 3, outputs = 23;
    uint8_t *source = bytes(width * height * c, 256);
    int32_t starts[23], counts[23], weights[23 * 4];
    for (int i = 0; i < 23; i++) {
        starts[i] = i * 33 / 22;
        counts[i] = 4;
        for (int j = 0; j < 4; j++) weights[i * 4 + j] = (j == 1 || j == 2 ? 3 : -1) * (1 << 22) / 4;
    }
    vlpx_weights w = {starts, counts, weights, 4, outputs};
    uint8_t *target = malloc((size_t)(outputs * height * c)), *scratch = malloc(vlpx_rows_scratch(width, c, outputs) + 1);
    if (!target || !scratch) abort();
    vlpx_resample_rows(source, width, height, c, &w, target, scratch);
    float *wide = zeros(outputs * height * c);
    for (int64_t i = 0; i < outputs * height * c; i++) wide[i] = (float)target[i];
    show("exact: resampled rows", wide, outputs * height * c);
    float *normalised = zeros(width * height * 3);
    vlpx_normalise(source, width * height, c, normalised);
    show("exact: normalised picture", normalised, width * height * 3);
    int64_t index = 0;
    float spread[2] = {(float)vlpx_channel_spread(source, width * height, &index), 0};
    spread[1] = (float)index;
    show("exact: channel spread", spread, 2);
}

int main(int count, char **words) {
    if (count > 1 && (vlseg_select_instruction_set(words[1]) != 0 || vlpx_select_instruction_set(words[1]) != 0)) return 2;
    fprintf(stderr, "%s, %d threads\n", vlseg_instruction_set(), vlseg_threads());
    elementwise(1003);
    TYPED(float, , AS_FLOATS, show, "");
    TYPED(vlseg_bf16, _bf16, halves, show_halves, " bf16");
    sequences();
    convolutions();
    windows();
    attention_windows();
    maps();
    losses();
    pixels();
    return 0;
}
