// Max pooling over non-overlapping windows of size x size pixels, in float32 or bfloat16. One version serves all instruction sets, because
// memory bandwidth is the limit. Remaining rows and columns at the bottom and right belong to no window.
#include "kernels.h"
#define LANES 4
#include "vector.inc.h"

struct pooling {
    int64_t h, w, c, size;
    int accumulate;
    const void *from; // x, or dy
    void *to;         // y, or dx
    uint8_t *places;
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

INLINE vi take_places(const uint8_t *from, int64_t left) { return __builtin_convertvector(load_bytes(from, left), vi); }

INLINE void put_places(uint8_t *to, vi places, int64_t left) {
    vb bytes = __builtin_convertvector(places, vb);
    if (left >= LANES)
        *(vb_unaligned *)to = bytes;
    else
        for (int64_t i = 0; i < left; i++) to[i] = bytes[i];
}

/// The element of x at which a row of windows begins. One unit is such a row.
INLINE int64_t row_start(const struct pooling *k, int64_t unit) {
    int64_t down = k->h / k->size;
    return (unit / down * k->h + unit % down * k->size) * k->w * k->c;
}

INLINE void pool_rows(const struct pooling *k, int64_t begin, int64_t end, const int64_t size, const int half) {
    int64_t across = k->w / size, c = k->c;
    for (int64_t unit = begin; unit < end; unit++)
        for (int64_t column = 0; column < across; column++) {
            int64_t window = row_start(k, unit) + column * size * c, out = (unit * across + column) * c;
            for (int64_t j = 0; j < c; j += LANES) {
                vf most = take(k->from, window + j, c - j, half);
                vi place = {};
                for (int64_t i = 1; i < size * size; i++) {
                    vf v = take(k->from, window + (i / size * k->w + i % size) * c + j, c - j, half);
                    vi wins = (v > most) | (v != v);
                    most = choose(wins, v, most);
                    place = (wins & ((vi){} + (int32_t)i)) | (~wins & place);
                }
                put(k->to, out + j, most, c - j, half);
                if (k->places != NULL) put_places(k->places + out + j, place, c - j);
            }
        }
}

INLINE void spread_rows(const struct pooling *k, int64_t begin, int64_t end, const int64_t size, const int half) {
    int64_t across = k->w / size, c = k->c;
    for (int64_t unit = begin; unit < end; unit++)
        for (int64_t i = 0; i < size * size; i++)
            for (int64_t column = 0; column < across; column++) {
                int64_t at = row_start(k, unit) + (i / size * k->w + column * size + i % size) * c, out = (unit * across + column) * c;
                for (int64_t j = 0; j < c; j += LANES) {
                    vf dy = take(k->from, out + j, c - j, half);
                    vf dx = choose(take_places(k->places + out + j, c - j) == (vi){} + (int32_t)i, dy, splat(0.0f));
                    put(k->to, at + j, k->accumulate ? take(k->to, at + j, c - j, half) + dx : dx, c - j, half);
                }
            }
}

#define POOLING_BODY(NAME, BODY, HALF)                                                                                                     \
    static void NAME(void *context, int64_t begin, int64_t end, int worker) {                                                              \
        const struct pooling *k = context;                                                                                                 \
        (void)worker;                                                                                                                      \
        if (k->size == 2)                                                                                                                  \
            BODY(k, begin, end, 2, HALF);                                                                                                  \
        else                                                                                                                               \
            BODY(k, begin, end, k->size, HALF);                                                                                            \
    }
POOLING_BODY(pool_float, pool_rows, 0)
POOLING_BODY(pool_half, pool_rows, 1)
POOLING_BODY(spread_float, spread_rows, 0)
POOLING_BODY(spread_half, spread_rows, 1)

void vlseg_max_pool(int64_t b, int64_t h, int64_t w, int64_t c, int64_t size, int half, const void *x, void *y, uint8_t *places) {
    struct pooling k = {.h = h, .w = w, .c = c, .size = size, .from = x, .to = y, .places = places};
    vlseg_parallel(b * (h / size), 1 + 8192 / (w * c + 1), half ? pool_half : pool_float, &k);
}

void vlseg_max_pool_gradient(int64_t b, int64_t h, int64_t w, int64_t c, int64_t size, int half, const void *dy, const uint8_t *places,
                             void *dx, int accumulate) {
    struct pooling k = {.h = h, .w = w, .c = c, .size = size, .accumulate = accumulate, .from = dy, .to = dx, .places = (uint8_t *)places};
    vlseg_parallel(b * (h / size), 1 + 8192 / (w * c + 1), half ? spread_half : spread_float, &k);
}
