// The kernels, in vectors of 16 lanes that the compiler splits for the instruction set. Included once per instruction set.
#include <math.h>
#include <string.h>

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint16_t words16 __attribute__((vector_size(32)));
typedef int32_t ints16 __attribute__((vector_size(64)));
typedef uint32_t counts16 __attribute__((vector_size(64)));
typedef float floats16 __attribute__((vector_size(64)));

#define LOAD(V, P) memcpy(&(V), (P), sizeof(V))
#define STORE(P, V) memcpy((P), &(V), sizeof(V))
#define HALF (1 << 21)
#define CLAMPED(SUM, OUT)                                                                                                                  \
    do {                                                                                                                                   \
        ints16 v_ = (SUM) >> 22;                                                                                                           \
        v_ = __builtin_elementwise_min(__builtin_elementwise_max(v_, (ints16){0}), (ints16){0} + 255);                                     \
        (OUT) = __builtin_convertvector(v_, bytes16);                                                                                      \
    } while (0)

static inline uint8_t clamped(int32_t sum) {
    int32_t v = sum >> 22;
    return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

// Transposes 16 x 16 bytes: four rounds of interleaving line i with line i + 8.
#define TRANSPOSE(A)                                                                                                                       \
    do {                                                                                                                                   \
        bytes16 b_[16];                                                                                                                    \
        for (int round_ = 0; round_ < 2; round_++) {                                                                                       \
            for (int i_ = 0; i_ < 8; i_++) {                                                                                               \
                b_[2 * i_] = __builtin_shufflevector((A)[i_], (A)[i_ + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);        \
                b_[2 * i_ + 1] =                                                                                                           \
                    __builtin_shufflevector((A)[i_], (A)[i_ + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);           \
            }                                                                                                                              \
            for (int i_ = 0; i_ < 8; i_++) {                                                                                               \
                (A)[2 * i_] = __builtin_shufflevector(b_[i_], b_[i_ + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);         \
                (A)[2 * i_ + 1] =                                                                                                          \
                    __builtin_shufflevector(b_[i_], b_[i_ + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);             \
            }                                                                                                                              \
        }                                                                                                                                  \
    } while (0)

// 16 lines are transposed, so that a vector holds the same sample of 16 lines and every weight is the same for all lanes.
static void resample_rows(const uint8_t *source, int64_t width, int64_t rows, int64_t c, const vlpx_weights *w, uint8_t *target,
                          uint8_t *scratch) {
    int64_t samples = width * c, out_samples = w->outputs * c;
    uint8_t *turned = scratch, *out = scratch + 16 * samples;
    for (int64_t row = 0; row < rows; row += 16) {
        const uint8_t *lines[16];
        int64_t here = rows - row < 16 ? rows - row : 16;
        for (int64_t r = 0; r < 16; r++) lines[r] = source + (row + (r < here ? r : here - 1)) * samples;
        int64_t x = 0;
        for (; x + 16 <= samples; x += 16) {
            bytes16 a[16];
            for (int r = 0; r < 16; r++) LOAD(a[r], lines[r] + x);
            TRANSPOSE(a);
            memcpy(turned + 16 * x, a, sizeof a);
        }
        for (; x < samples; x++)
            for (int r = 0; r < 16; r++) turned[16 * x + r] = lines[r][x];

        for (int64_t o = 0; o < w->outputs; o++) {
            const int32_t *weights = w->weights + o * w->stride;
            const uint8_t *first = turned + 16 * c * w->starts[o];
            int64_t count = w->counts[o];
            if (c == 3) {
                ints16 red = (ints16){0} + HALF, green = red, blue = red;
                for (int64_t k = 0; k < count; k++) {
                    bytes16 r, g, b;
                    LOAD(r, first + 48 * k);
                    LOAD(g, first + 48 * k + 16);
                    LOAD(b, first + 48 * k + 32);
                    red += __builtin_convertvector(r, ints16) * weights[k];
                    green += __builtin_convertvector(g, ints16) * weights[k];
                    blue += __builtin_convertvector(b, ints16) * weights[k];
                }
                bytes16 r, g, b;
                CLAMPED(red, r);
                CLAMPED(green, g);
                CLAMPED(blue, b);
                STORE(out + 48 * o, r);
                STORE(out + 48 * o + 16, g);
                STORE(out + 48 * o + 32, b);
            } else {
                for (int64_t j = 0; j < c; j++) {
                    ints16 sum = (ints16){0} + HALF;
                    for (int64_t k = 0; k < count; k++) {
                        bytes16 v;
                        LOAD(v, first + 16 * (k * c + j));
                        sum += __builtin_convertvector(v, ints16) * weights[k];
                    }
                    bytes16 v;
                    CLAMPED(sum, v);
                    STORE(out + 16 * (o * c + j), v);
                }
            }
        }

        uint8_t *to = target + row * out_samples;
        for (x = 0; x + 16 <= out_samples; x += 16) {
            bytes16 a[16];
            memcpy(a, out + 16 * x, sizeof a);
            TRANSPOSE(a);
            for (int r = 0; r < here; r++) STORE(to + r * out_samples + x, a[r]);
        }
        for (; x < out_samples; x++)
            for (int r = 0; r < here; r++) to[r * out_samples + x] = out[16 * x + r];
    }
}

static void resample_columns(const uint8_t *source, int64_t samples, int64_t first, const vlpx_weights *w, uint8_t *target) {
    for (int64_t o = 0; o < w->outputs; o++) {
        const int32_t *weights = w->weights + o * w->stride;
        const uint8_t *from = source + (w->starts[o] - first) * samples;
        uint8_t *to = target + o * samples;
        int64_t count = w->counts[o], x = 0;
        for (; x + 64 <= samples; x += 64) {
            ints16 a = (ints16){0} + HALF, b = a, c = a, d = a;
            for (int64_t k = 0; k < count; k++) {
                const uint8_t *line = from + k * samples + x;
                bytes16 va, vb, vc, vd;
                LOAD(va, line);
                LOAD(vb, line + 16);
                LOAD(vc, line + 32);
                LOAD(vd, line + 48);
                a += __builtin_convertvector(va, ints16) * weights[k];
                b += __builtin_convertvector(vb, ints16) * weights[k];
                c += __builtin_convertvector(vc, ints16) * weights[k];
                d += __builtin_convertvector(vd, ints16) * weights[k];
            }
            bytes16 va, vb, vc, vd;
            CLAMPED(a, va);
            CLAMPED(b, vb);
            CLAMPED(c, vc);
            CLAMPED(d, vd);
            STORE(to + x, va);
            STORE(to + x + 16, vb);
            STORE(to + x + 32, vc);
            STORE(to + x + 48, vd);
        }
        for (; x < samples; x++) {
            int32_t sum = HALF;
            for (int64_t k = 0; k < count; k++) sum += from[k * samples + x] * weights[k];
            to[x] = clamped(sum);
        }
    }
}

// Exact sums and sums of squares per channel. Lane i of the 48 in a block belongs to channel i mod c.
static void channel_sums(const uint8_t *source, int64_t count, int64_t c, uint64_t *sum, uint64_t *square) {
    int64_t at = 0;
    while (at + 48 <= count) {
        // A lane grows by at most 65,025 per block: it is flushed long before 32 bits overflow.
        int64_t blocks = (count - at) / 48;
        if (blocks > 60000) blocks = 60000;
        counts16 sums[3] = {{0}}, squares[3] = {{0}};
        for (int64_t block = 0; block < blocks; block++, at += 48) {
            for (int v = 0; v < 3; v++) {
                bytes16 x;
                LOAD(x, source + at + 16 * v);
                words16 wide = __builtin_convertvector(x, words16);
                sums[v] += __builtin_convertvector(x, counts16);
                squares[v] += __builtin_convertvector(wide * wide, counts16);
            }
        }
        for (int i = 0; i < 48; i++) {
            sum[i % c] += sums[i / 16][i % 16];
            square[i % c] += squares[i / 16][i % 16];
        }
    }
    for (; at < count; at++) {
        sum[at % c] += source[at];
        square[at % c] += (uint64_t)source[at] * source[at];
    }
}

#define PUT(P, V)                                                                                                                          \
    do {                                                                                                                                   \
        if (streaming)                                                                                                                     \
            __builtin_nontemporal_store((V), (floats16 *)(P));                                                                             \
        else                                                                                                                               \
            STORE((P), (V));                                                                                                               \
    } while (0)

static void normalise(const uint8_t *source, int64_t pixels, int64_t c, float *target) {
    uint64_t sum[3] = {0}, square[3] = {0};
    float mean[3], scale[3];
    if (pixels <= 0) return;
    channel_sums(source, pixels * c, c, sum, square);
    for (int j = 0; j < 3; j++) {
        int from = c == 3 ? j : 0;
        double n = (double)pixels, m = (double)sum[from] / n;
        // n * squares - sum^2 in integers, so that no digits cancel.
        __uint128_t spread = (__uint128_t)square[from] * (uint64_t)pixels - (__uint128_t)sum[from] * sum[from];
        double deviation = sqrt((double)spread) / n;
        mean[j] = (float)m;
        scale[j] = (float)(1 / (deviation == 0 ? 1 : deviation));
    }
    int streaming = ((uintptr_t)target & 63) == 0;
    int64_t at = 0;
    floats16 means[3], scales[3];
    for (int i = 0; i < 48; i++) {
        means[i / 16][i % 16] = mean[i % 3];
        scales[i / 16][i % 16] = scale[i % 3];
    }
    if (c == 3) {
        for (; at + 16 <= pixels; at += 16)
            for (int v = 0; v < 3; v++) {
                bytes16 x;
                LOAD(x, source + 3 * at + 16 * v);
                floats16 y = (__builtin_convertvector(__builtin_convertvector(x, ints16), floats16) - means[v]) * scales[v];
                PUT(target + 3 * at + 16 * v, y);
            }
    } else {
        for (; at + 16 <= pixels; at += 16) {
            bytes16 x;
            LOAD(x, source + at);
            floats16 y = (__builtin_convertvector(__builtin_convertvector(x, ints16), floats16) - means[0]) * scales[0];
            floats16 first = __builtin_shufflevector(y, y, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5);
            floats16 second = __builtin_shufflevector(y, y, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10);
            floats16 third = __builtin_shufflevector(y, y, 10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15);
            PUT(target + 3 * at, first);
            PUT(target + 3 * at + 16, second);
            PUT(target + 3 * at + 32, third);
        }
    }
    for (; at < pixels; at++)
        for (int j = 0; j < 3; j++) target[3 * at + j] = ((float)source[c == 3 ? 3 * at + j : at] - mean[j]) * scale[j];
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#else
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static int channel_spread(const uint8_t *source, int64_t pixels, int64_t *index) {
    int worst = 0;
    *index = 0;
    int64_t at = 0;
    // Skips blocks of 16 pixels in which all channels of each pixel are equal.
    for (; at + 17 <= pixels; at += 16) {
        const uint8_t *p = source + 3 * at;
        uint8_t differs = 0;
        for (int i = 0; i < 48; i++) differs |= (uint8_t)((p[i] ^ p[i + 1]) & (i % 3 == 2 ? 0 : 0xFF));
        if (differs == 0) continue;
        for (int i = 0; i < 16; i++) {
            int r = p[3 * i], g = p[3 * i + 1], b = p[3 * i + 2];
            int high = r > g ? (r > b ? r : b) : (g > b ? g : b), low = r < g ? (r < b ? r : b) : (g < b ? g : b);
            if (high - low > worst) {
                worst = high - low;
                *index = at + i;
            }
        }
    }
    for (; at < pixels; at++) {
        const uint8_t *p = source + 3 * at;
        int r = p[0], g = p[1], b = p[2];
        int high = r > g ? (r > b ? r : b) : (g > b ? g : b), low = r < g ? (r < b ? r : b) : (g < b ? g : b);
        if (high - low > worst) {
            worst = high - low;
            *index = at;
        }
    }
    return worst;
}

static void pick_binary(const uint8_t *source, int64_t line, const int32_t *rows, int64_t row_count, const int32_t *columns,
                        int64_t column_count, int threshold, uint8_t *target) {
    for (int64_t y = 0; y < row_count; y++, target += column_count) {
        if (y > 0 && rows[y] == rows[y - 1]) {
            memcpy(target, target - column_count, (size_t)column_count);
            continue;
        }
        const uint8_t *from = source + rows[y] * line;
        for (int64_t x = 0; x < column_count; x++) target[x] = from[columns[x]] >= threshold;
    }
}

#define VLPX_TABLE(NAME)                                                                                                                   \
    {                                                                                                                                      \
        .name = NAME, .rows = resample_rows, .columns = resample_columns, .normalise = normalise, .spread = channel_spread,                \
        .pick = pick_binary                                                                                                                \
    }
