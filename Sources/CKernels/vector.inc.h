// The vector type of one instruction set and how it meets memory. LANES floats; a tail of fewer is loaded with zeros behind it and stored in part.
#define INLINE static inline __attribute__((always_inline))

typedef float vf __attribute__((vector_size(4 * LANES)));
typedef int32_t vi __attribute__((vector_size(4 * LANES)));
typedef uint32_t vu __attribute__((vector_size(4 * LANES)));
typedef uint8_t vb __attribute__((vector_size(LANES)));
typedef float vf_unaligned __attribute__((vector_size(4 * LANES), aligned(4)));
typedef uint8_t vb_unaligned __attribute__((vector_size(LANES), aligned(1)));
typedef double vd __attribute__((vector_size(8 * LANES))); // local variables only: never passed or returned

INLINE vf load(const float *p) { return *(const vf_unaligned *)p; }
INLINE void store(float *p, vf v) { *(vf_unaligned *)p = v; }
INLINE vf splat(float s) { return (vf){} + s; }

/// Loads `left` elements (all LANES when left is larger), zeros behind them.
INLINE vf load_some(const float *p, int64_t left) {
    if (__builtin_expect(left >= LANES, 1)) return load(p);
#ifdef VLSEG_AVX512
    return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << left) - 1), p);
#else
    float lanes[LANES] = {0};
    for (int64_t i = 0; i < left; i++) lanes[i] = p[i];
    return load(lanes);
#endif
}

INLINE void store_some(float *p, vf v, int64_t left) {
    if (__builtin_expect(left >= LANES, 1)) {
        store(p, v);
        return;
    }
#ifdef VLSEG_AVX512
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << left) - 1), (__m512)v);
#else
    float lanes[LANES];
    store(lanes, v);
    for (int64_t i = 0; i < left; i++) p[i] = lanes[i];
#endif
}

/// Bytes as floats.
INLINE vf load_bytes(const uint8_t *p, int64_t left) {
    if (__builtin_expect(left >= LANES, 1)) {
        vb bytes = *(const vb_unaligned *)p;
        return __builtin_convertvector(__builtin_convertvector(bytes, vi), vf);
    }
    float lanes[LANES] = {0};
    for (int64_t i = 0; i < left; i++) lanes[i] = p[i];
    return load(lanes);
}

/// mask (all bits or none, from a comparison) ? a : b
INLINE vf choose(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }
INLINE vf larger(vf a, vf b) { return choose(a > b, a, b); }   // b where a is not a number
INLINE vf smaller(vf a, vf b) { return choose(a < b, a, b); }

INLINE vi lane_numbers(void) {
    vi lanes;
    for (int i = 0; i < LANES; i++) lanes[i] = i;
    return lanes;
}

/// All bits set in the first `left` lanes.
INLINE vi first_lanes(int64_t left) { return lane_numbers() < (vi){} + (int32_t)(left < LANES ? left : LANES); }

INLINE float sum_lanes(vf v) {
#ifdef VLSEG_AVX512
    return _mm512_reduce_add_ps((__m512)v);
#else
    float lanes[LANES];
    store(lanes, v);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
    return lanes[0];
#endif
}

INLINE float max_lanes(vf v) {
    float lanes[LANES];
    store(lanes, v);
    float most = lanes[0];
    for (int i = 1; i < LANES; i++) most = lanes[i] > most ? lanes[i] : most;
    return most;
}

INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
INLINE int64_t round_up(int64_t a) { return (a + LANES - 1) / LANES * LANES; }

// Fixed chunks of a reduction: range i of `chunks` over `count`.
INLINE int64_t chunk_begin(int64_t count, int64_t chunks, int64_t i) { return count * i / chunks; }

/// Chunks for `rows` rows of `c` columns: about 32768 elements each, at most 64.
INLINE int64_t row_chunks(int64_t rows, int64_t c) { return most(1, least(least(64, rows), rows * c / 32768)); }
/// Rows a worker should have at least, so that starting it pays.
INLINE int64_t row_grain(int64_t c) { return most(1, 8192 / most(c, 1)); }

/// y[c] += the sum over the chunks, in order, of partials[chunk * stride + c].
INLINE void add_partials(const float *partials, int64_t chunks, int64_t stride, int64_t c, float *y) {
    for (int64_t j = 0; j < c; j += LANES) {
        vf sum = {};
        for (int64_t i = 0; i < chunks; i++) sum += load_some(partials + i * stride + j, c - j);
        store_some(y + j, load_some(y + j, c - j) + sum, c - j);
    }
}
