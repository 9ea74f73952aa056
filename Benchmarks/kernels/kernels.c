// Speed of the vector kernels of the image path, float32 and bfloat16, on the shapes of one training step: GFLOP/s and GB/s per kernel.
// Bytes are those of the inputs read once and the outputs written once, so a kernel that passes over memory twice shows half its traffic.
// FLOPs are nominal: all 49 taps of a depthwise kernel count, also those that fall on the padding, and an exp or erf counts as about 15.
// Not for: correctness (CKernelsTests), matrix products, memory beyond the last level cache (one kernel's buffers mostly fit it). The best
// of several runs counts.
#include "CKernels.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LARGEST = 8 * 56 * 56 * 384 };

static void *inputs[3], *outputs[2];                     // of LARGEST elements of either type
static float *parameters[4], *gradients[2], *rows_of[2]; // 50 * 1536 and one a row

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *allocate(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (memory == NULL) {
        fprintf(stderr, "kernels: %zu bytes of memory were refused; free some memory and run again\n", bytes);
        exit(3);
    }
    return memory;
}

static float number(uint32_t i) {
    i = (i ^ (i >> 16)) * 0x7feb352du;
    return (float)(int32_t)((i ^ (i >> 15)) * 0x846ca68bu) * 0x1p-31f;
}

static void fill(int bf16) {
    for (int i = 0; i < 3; i++)
        for (uint32_t j = 0; j < LARGEST; j++) {
            float x = number(j + (uint32_t)i * LARGEST);
            if (bf16) {
                uint32_t bits;
                memcpy(&bits, &x, sizeof bits);
                ((vlseg_bf16 *)inputs[i])[j] = (vlseg_bf16)(bits >> 16);
            } else
                ((float *)inputs[i])[j] = x;
        }
}

// Times STATEMENT: at least 3 runs and 0.2 s, the best counts. FLOPS and BYTES are of one run.
#define MEASURE(NAME, TYPE, FLOPS, BYTES, STATEMENT)                                                                                       \
    do {                                                                                                                                   \
        if (only != NULL && strstr(NAME, only) == NULL) break;                                                                             \
        double best = 1e9, begun = seconds();                                                                                              \
        for (int run = 0; run < 3 || seconds() - begun < 0.2; run++) {                                                                     \
            double start = seconds();                                                                                                      \
            STATEMENT;                                                                                                                     \
            double took = seconds() - start;                                                                                               \
            if (took < best) best = took;                                                                                                  \
        }                                                                                                                                  \
        printf("%-26s %-5s %3d x %-4d %8.3f ms %8.1f GFLOP/s %7.1f GB/s\n", NAME, TYPE, (int)side, (int)c, best * 1e3,                     \
               (double)(FLOPS) / best * 1e-9, (double)(BYTES) / best * 1e-9);                                                              \
    } while (0)

// The kernels of one element type E, its functions' suffix S, on maps of side x side pixels and c channels, batch b.
#define KERNELS(E, S, TYPE)                                                                                                                \
    do {                                                                                                                                   \
        const E *x = inputs[0], *dy = inputs[1], *z = inputs[2];                                                                           \
        E *y = outputs[0], *dx = outputs[1];                                                                                               \
        double n = (double)(b * side * side * c), taps = 2.0 * 49 * n, size = sizeof(E);                                                   \
        int64_t rows = b * side * side, count = rows * c;                                                                                  \
        const float *gamma = parameters[0], *beta = parameters[1], *mean = rows_of[0], *rstd = rows_of[1];                                 \
        MEASURE("depthwise forward", TYPE, taps, 2 * n * size, vlseg_depthwise_forward##S(b, side, side, c, 7, x, gamma, beta, y));        \
        MEASURE("depthwise backward data", TYPE, taps, 2 * n * size,                                                                       \
                vlseg_depthwise_backward_data##S(b, side, side, c, 7, dy, gamma, dx));                                                     \
        MEASURE("depthwise backward weight", TYPE, taps, 2 * n * size,                                                                     \
                vlseg_depthwise_backward_weight##S(b, side, side, c, 7, x, dy, gradients[0], gradients[1]));                               \
        MEASURE("layer norm forward", TYPE, 8 * n, 2 * n * size,                                                                           \
                vlseg_layer_norm_forward##S(rows, c, 1e-6f, x, gamma, beta, y, rows_of[0], rows_of[1]));                                   \
        MEASURE("layer norm backward", TYPE, 16 * n, 3 * n * size,                                                                         \
                vlseg_layer_norm_backward##S(rows, c, x, gamma, mean, rstd, dy, dx, gradients[0], gradients[1]));                          \
        MEASURE("batch norm forward", TYPE, 9 * n, 2 * n * size,                                                                           \
                vlseg_batch_norm_forward##S(rows, c, 1e-5f, 0.1f, 0.01f, x, gamma, beta, parameters[2], parameters[3], y, gradients[0],    \
                                            gradients[1]));                                                                                \
        MEASURE("batch norm backward", TYPE, 16 * n, 3 * n * size,                                                                         \
                vlseg_batch_norm_backward##S(rows, c, 0.01f, x, gamma, beta, parameters[2], parameters[3], dy, dx, gradients[0],           \
                                             gradients[1]));                                                                               \
        MEASURE("add scaled", TYPE, 2 * n, 3 * n * size, vlseg_add_scaled##S(count, x, 0.5f, z, y));                                       \
        MEASURE("dropout", TYPE, n, 2 * n * size, vlseg_dropout##S(count, 0.1f, 7, x, y));                                                 \
        MEASURE("gather 2x2", TYPE, 0, 2 * n * size, vlseg_patch_gather##S(b, side / 2 * 2, side / 2 * 2, c, 2, x, y));                    \
        /* The hidden layer of a block: four times the channels. */                                                                        \
        const float *bias = parameters[1];                                                                                                 \
        MEASURE("gelu forward", TYPE, 4 * 30 * n, 4 * 2 * n * size, vlseg_gelu_forward##S(4 * count, x, y));                               \
        MEASURE("gelu backward", TYPE, 4 * 50 * n, 4 * 3 * n * size, vlseg_gelu_backward##S(4 * count, x, dy, dx));                        \
        MEASURE("bias gradient", TYPE, 4 * n, 4 * n * size, vlseg_bias_gradient##S(rows, 4 * c, dy, gradients[0]));                        \
        memset(outputs[0], 0, (size_t)(4 * count) * sizeof(E));                                                                            \
        MEASURE("gelu + bias forward", TYPE, 4 * 31 * n, 4 * 3 * n * size, vlseg_gelu_bias_forward##S(rows, 4 * c, bias, y, dx));          \
        MEASURE("gelu + bias backward", TYPE, 4 * 52 * n, 4 * 4 * n * size,                                                                \
                vlseg_gelu_bias_backward##S(rows, 4 * c, x, dy, dx, gradients[0], y));                                                     \
    } while (0)

int main(int argc, char **argv) {
    const char *only = NULL;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--threads=", 10) == 0 && atoi(argv[i] + 10) > 0)
            vlseg_set_threads(atoi(argv[i] + 10));
        else if (strncmp(argv[i], "--set=", 6) == 0 && vlseg_select_instruction_set(argv[i] + 6) == 0)
            continue;
        else if (strncmp(argv[i], "--only=", 7) == 0)
            only = argv[i] + 7;
        else {
            fprintf(stderr,
                    "kernels: \"%s\" is not an option here; expected --threads=N, --set=avx512|avx2|portable (one this processor has) "
                    "or --only=PART OF A NAME\n",
                    argv[i]);
            return 2;
        }
    }
    for (int i = 0; i < 3; i++) inputs[i] = allocate(LARGEST * sizeof(float));
    for (int i = 0; i < 2; i++) memset(outputs[i] = allocate(LARGEST * sizeof(float)), 0, LARGEST * sizeof(float));
    for (int i = 0; i < 4; i++) {
        parameters[i] = allocate(50 * 1536 * 4 * sizeof(float));
        for (uint32_t j = 0; j < 50 * 1536 * 4; j++) parameters[i][j] = 1 + 0.1f * number(j);
    }
    for (int i = 0; i < 2; i++) {
        memset(gradients[i] = allocate(50 * 1536 * 4 * sizeof(float)), 0, 50 * 1536 * 4 * sizeof(float));
        rows_of[i] = allocate(8 * 56 * 56 * sizeof(float));
        for (int j = 0; j < 8 * 56 * 56; j++) rows_of[i][j] = (float)i;
    }
    printf("%s, threads: %d; batch 8, 7 x 7 depthwise kernels, hidden layers of 4 c\n", vlseg_instruction_set(), vlseg_threads());
    const int64_t shapes[4][2] = {{56, 96}, {28, 192}, {14, 384}, {7, 768}}, b = 8;
    for (int bf16 = 0; bf16 < 2; bf16++) {
        fill(bf16);
        for (int i = 0; i < 4; i++) {
            int64_t side = shapes[i][0], c = shapes[i][1];
            if (bf16)
                KERNELS(vlseg_bf16, _bf16, "bf16");
            else
                KERNELS(float, , "f32");
        }
    }
    int64_t side = 0, c = 0, n = 8 << 20; // the optimizer, on 8 Mi parameters
    float *p = inputs[0], *g = inputs[1], *m = inputs[2], *v = outputs[0];
    memset(v, 0, LARGEST * sizeof(float));
    memset(p, 0, LARGEST * sizeof(float)), memset(g, 0, LARGEST * sizeof(float)), memset(m, 0, LARGEST * sizeof(float));
    MEASURE("adamw", "f32", 12 * n, 28.0 * (double)n, vlseg_adamw(n, p, g, m, v, 1e-4f, 0.9f, 0.999f, 1e-8f, 0.01f, 5));
    MEASURE("adamw, copy, zero", "bf16", 12 * n, 34.0 * (double)n,
            vlseg_adamw_bf16(n, p, g, m, v, 1e-4f, 0.9f, 0.999f, 1e-8f, 0.01f, 5, outputs[1], 1));
    return 0;
}
