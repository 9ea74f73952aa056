// A bias for each position of sequences, and its gradient, in float32 or bfloat16. For every instruction set: memory is the limit.
// Row r of [B,T,C] is position r % T.
#include "kernels.h"
#define LANES 4
#include "vector.inc.h"

struct positions {
    int64_t rows, period, c;
    const float *bias;
    const void *from; // dy
    void *to;         // y
    float *sums;      // dbias
};

INLINE vf take(const void *from, int64_t i, int64_t left, const int half) {
    return half ? load_some((const vlseg_bf16 *)from + i, left) : load_some((const float *)from + i, left);
}

INLINE void put(void *to, int64_t i, vf v, int64_t left, const int half) {
    if (half)
        store_some((vlseg_bf16 *)to + i, v, left);
    else
        store_some((float *)to + i, v, left);
}

INLINE void add_rows(const struct positions *k, int64_t begin, int64_t end, const int half) {
    for (int64_t r = begin; r < end; r++)
        for (int64_t j = 0; j < k->c; j += LANES) {
            int64_t left = k->c - j;
            put(k->to, r * k->c + j, take(k->to, r * k->c + j, left, half) + k->bias[r % k->period], left, half);
        }
}

/// A unit is a position: its sum over images in one order, whatever the threads.
INLINE void sum_rows(const struct positions *k, int64_t begin, int64_t end, const int half) {
    for (int64_t t = begin; t < end; t++) {
        double total = 0;
        for (int64_t r = t; r < k->rows; r += k->period) {
            vf sums = {};
            for (int64_t j = 0; j < k->c; j += LANES) {
                int64_t left = k->c - j;
                vf v = take(k->from, r * k->c + j, left, half);
                sums += left >= LANES ? v : choose(first_lanes(left), v, splat(0.0f));
            }
            total += sum_lanes(sums);
        }
        k->sums[t] += (float)total;
    }
}

#define POSITIONS_BODY(NAME, BODY, HALF)                                                                                                   \
    static void NAME(void *context, int64_t begin, int64_t end, int worker) {                                                              \
        (void)worker;                                                                                                                      \
        BODY((const struct positions *)context, begin, end, HALF);                                                                         \
    }
POSITIONS_BODY(add_float, add_rows, 0)
POSITIONS_BODY(add_half, add_rows, 1)
POSITIONS_BODY(sum_float, sum_rows, 0)
POSITIONS_BODY(sum_half, sum_rows, 1)

void vlseg_add_position_bias(int64_t rows, int64_t period, int64_t c, const float *bias, int half, void *y) {
    struct positions k = {.rows = rows, .period = period, .c = c, .bias = bias, .to = y};
    vlseg_parallel(rows, 1 + 8192 / (c + 1), half ? add_half : add_float, &k);
}

void vlseg_position_bias_gradient(int64_t rows, int64_t period, int64_t c, int half, const void *dy, float *dbias) {
    struct positions k = {.rows = rows, .period = period, .c = c, .from = dy, .sums = dbias};
    vlseg_parallel(period, 1 + 8192 / (rows / period * c + 1), half ? sum_half : sum_float, &k);
}
