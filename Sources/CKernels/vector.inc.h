// The vector type of one instruction set, with its loads and stores. A vector has LANES floats. A shorter tail is loaded with zeros behind
// it and stored in part. Memory holds float32 or bfloat16 (the upper half of a float32): the type of the pointer selects the load or store;
// registers always hold float32.
#define INLINE static inline __attribute__((always_inline))
#define OVERLOADED static inline __attribute__((always_inline, overloadable))

typedef float vf __attribute__((vector_size(4 * LANES)));
typedef int32_t vi __attribute__((vector_size(4 * LANES)));
typedef uint32_t vu __attribute__((vector_size(4 * LANES)));
typedef uint8_t vb __attribute__((vector_size(LANES)));
typedef uint16_t vh __attribute__((vector_size(2 * LANES)));
typedef float vf_unaligned __attribute__((vector_size(4 * LANES), aligned(4)));
typedef uint8_t vb_unaligned __attribute__((vector_size(LANES), aligned(1)));
typedef uint16_t vh_unaligned __attribute__((vector_size(2 * LANES), aligned(2)));
typedef double vd __attribute__((vector_size(8 * LANES))); // local variables only: never passed or returned

INLINE vf splat(float s) { return (vf){} + s; }
/// mask (all bits or none, from a comparison) ? a : b
INLINE vf choose(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }

/// The nearest bfloat16, ties to even; a NaN stays a NaN (quiet, with the same sign). Computed in integers, because the processors' own
/// conversion flushes denormal numbers to zero and most processors have none.
INLINE vh nearest_halves(vf v) {
#ifdef VLSEG_AVX512
    // The same as below in two thirds of the instructions: masks instead of shifts, and one permutation that selects the upper halves.
    const __m512i upper =
        _mm512_set_epi16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 31, 29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    __m512i bits = (__m512i)v;
    __mmask16 odd = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(0x10000)), none = _mm512_cmp_ps_mask((__m512)v, (__m512)v, _CMP_UNORD_Q);
    __m512i nearest = _mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff));
    nearest = _mm512_mask_add_epi32(nearest, odd, bits, _mm512_set1_epi32(0x8000));
    nearest = _mm512_mask_or_epi32(nearest, none, bits, _mm512_set1_epi32(0x400000));
    return (vh)_mm512_castsi512_si256(_mm512_permutexvar_epi16(upper, nearest));
#else
    vu bits = (vu)v;
    vu nearest = bits + (((bits >> 16) & 1) + 0x7fff);
    return __builtin_convertvector((vu)choose(v != v, (vf)(bits | 0x400000), (vf)nearest) >> 16, vh);
#endif
}

OVERLOADED vf load(const float *p) { return *(const vf_unaligned *)p; }
OVERLOADED vf load(const vlseg_bf16 *p) { return (vf)(__builtin_convertvector(*(const vh_unaligned *)p, vu) << 16); }
OVERLOADED void store(float *p, vf v) { *(vf_unaligned *)p = v; }
OVERLOADED void store(vlseg_bf16 *p, vf v) { *(vh_unaligned *)p = nearest_halves(v); }

/// Loads `left` elements (all LANES if left is larger), with zeros behind them.
OVERLOADED vf load_some(const float *p, int64_t left) {
    if (__builtin_expect(left >= LANES, 1)) return load(p);
#ifdef VLSEG_AVX512
    return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << left) - 1), p);
#else
    float lanes[LANES] = {0};
    for (int64_t i = 0; i < left; i++) lanes[i] = p[i];
    return load(lanes);
#endif
}

OVERLOADED vf load_some(const vlseg_bf16 *p, int64_t left) {
    if (__builtin_expect(left >= LANES, 1)) return load(p);
#ifdef VLSEG_AVX512
    return (vf)(__builtin_convertvector((vh)_mm256_maskz_loadu_epi16((__mmask16)((1u << left) - 1), p), vu) << 16);
#else
    vlseg_bf16 lanes[LANES] = {0};
    for (int64_t i = 0; i < left; i++) lanes[i] = p[i];
    return load(lanes);
#endif
}

OVERLOADED void store_some(float *p, vf v, int64_t left) {
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

OVERLOADED void store_some(vlseg_bf16 *p, vf v, int64_t left) {
    if (__builtin_expect(left >= LANES, 1)) {
        store(p, v);
        return;
    }
#ifdef VLSEG_AVX512
    _mm256_mask_storeu_epi16(p, (__mmask16)((1u << left) - 1), (__m256i)nearest_halves(v));
#else
    vlseg_bf16 lanes[LANES];
    store(lanes, v);
    for (int64_t i = 0; i < left; i++) p[i] = lanes[i];
#endif
}

/// Loads bytes as floats.
INLINE vf load_bytes(const uint8_t *p, int64_t left) {
    if (__builtin_expect(left >= LANES, 1)) {
        vb bytes = *(const vb_unaligned *)p;
        return __builtin_convertvector(__builtin_convertvector(bytes, vi), vf);
    }
    float lanes[LANES] = {0};
    for (int64_t i = 0; i < left; i++) lanes[i] = p[i];
    return load(lanes);
}

INLINE vf larger(vf a, vf b) { return choose(a > b, a, b); } // b if a is a NaN
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
