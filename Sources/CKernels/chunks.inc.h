// Splits work for threads and computes sums in fixed chunks. All functions here depend on the shape only, never on the number of threads.
INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
INLINE int64_t round_up(int64_t a) { return (a + LANES - 1) / LANES * LANES; }

/// The smallest number of elements per worker for which starting a worker pays.
enum { ELEMENT_GRAIN = 16384 };
/// The same number in rows of c columns.
INLINE int64_t row_grain(int64_t c) { return most(1, 8192 / most(c, 1)); }

/// The start of range i if `count` is split into `chunks` ranges.
INLINE int64_t chunk_begin(int64_t count, int64_t chunks, int64_t i) { return count * i / chunks; }
/// Number of chunks for `rows` rows of `c` columns: about 32768 elements each, at most 64 chunks.
INLINE int64_t row_chunks(int64_t rows, int64_t c) { return most(1, least(least(64, rows), rows * c / 32768)); }

// A column sum reads a strip of vectors row by row, so that memory is read in long runs. 6 vectors divide 96, 192, 384 and 768 columns.
// Plain sums leave registers free for wider strips: whole rows of 384 columns.
enum { STRIP = 6, WIDE_STRIP = LANES == 16 ? 24 : 12 };
// A vector of doubles takes two registers, and there are two sums, so the other instruction sets use strips of two.
enum { DOUBLE_STRIP = LANES == 16 ? STRIP : 2 };

// Number of rows that a layer norm processes together: enough to overlap their steps, few enough for the first-level cache.
enum { NORM_ROWS = 8 };

// Outputs of one row that a depthwise convolution keeps in registers: 14 sums + 7 weights + 1 input of 32 registers, or 7 + 7 + 1 of 16.
enum { TILE = LANES == 16 ? 14 : 7 };

/// y[c] += the sum over the chunks, in order, of partials[chunk * stride + c].
INLINE void add_partials(const float *partials, int64_t chunks, int64_t stride, int64_t c, float *y) {
    for (int64_t j = 0; j < c; j += LANES) {
        vf sum = {};
        for (int64_t i = 0; i < chunks; i++) sum += load_some(partials + i * stride + j, c - j);
        store_some(y + j, load_some(y + j, c - j) + sum, c - j);
    }
}

// Sums over n elements: one double per block of SUM_BLOCK elements; the blocks are added in order. The body knows the element type of a and
// b.
enum { SUM_BLOCK = 16384 };

struct sum {
    const void *a, *b;
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

// Adds the lanes of the vector of doubles ACC.
#define SUM_DOUBLE(ACC, INTO)                                                                                                              \
    do {                                                                                                                                   \
        INTO = 0;                                                                                                                          \
        for (int lane = 0; lane < LANES; lane++) INTO += (ACC)[lane];                                                                      \
    } while (0)
