// Elementary functions of a vector of floats. A NaN input gives a NaN. The error bounds are those of the tests.

/// exp, within 2 ulp; 0 below the smallest normal result, infinity above the largest float.
INLINE vf exponential(vf x) {
    vf clamped = choose(x > 89.0f, splat(89.0f), choose(x < -88.0f, splat(-88.0f), x));
    vf k = (clamped * 1.44269504f + 12582912.0f) - 12582912.0f; // the nearest integer: adding a large float rounds
    vf r = clamped - k * 0.693359375f;                          // log 2 in two parts: the first product is exact
    r = r + k * 2.12194440e-4f;
    vf p = splat(1.0f / 5040);
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    vf scaled = (vf)((vi)p + (__builtin_convertvector(k, vi) << 23));
    scaled = choose(x > 88.7228317f, splat(INFINITY), scaled);
    scaled = choose(x < -87.3365402f, splat(0.0f), scaled);
    return choose(x != x, x, scaled);
}

/// log of a positive normal float (or 0: -infinity, infinity: infinity), within 2 ulp away from 1.
INLINE vf logarithm(vf x) {
    vi shifted = (vi)x - 0x3f3504f3; // the mantissa is split at 1 / sqrt 2, so that it lies in [0.707, 1.414)
    vf k = __builtin_convertvector(shifted >> 23, vf);
    vf m = (vf)((shifted & 0x7fffff) + 0x3f3504f3);
    vf s = (m - 1.0f) / (m + 1.0f), s2 = s * s; // log m = 2 artanh s
    vf p = splat(1.0f / 11);
    p = p * s2 + 1.0f / 9;
    p = p * s2 + 1.0f / 7;
    p = p * s2 + 1.0f / 5;
    p = p * s2 + 1.0f / 3;
    vf small = 2.0f * s + 2.0f * s * s2 * p;
    vf y = k * 0.693359375f + (small - k * 2.12194440e-4f);
    y = choose(x == 0.0f, splat(-INFINITY), y);
    y = choose(x == INFINITY, x, y);
    return choose(x < 0.0f, splat(NAN), choose(x != x, x, y));
}

/// log(1 + t) for t in [0, 1].
INLINE vf logarithm_of_one_plus(vf t) {
    vf s = t / (t + 2.0f), s2 = s * s; // log(1 + t) = 2 artanh(t / (2 + t)), s <= 1/3
    vf p = splat(1.0f / 17);
    p = p * s2 + 1.0f / 15;
    p = p * s2 + 1.0f / 13;
    p = p * s2 + 1.0f / 11;
    p = p * s2 + 1.0f / 9;
    p = p * s2 + 1.0f / 7;
    p = p * s2 + 1.0f / 5;
    p = p * s2 + 1.0f / 3;
    return 2.0f * s + 2.0f * s * s2 * p;
}

/// The error function: z P(z^2) / Q(z^2), a minimax fit with relative error 2e-8 on |z| < 3.925 (the tests compare it with erf).
INLINE vf error_function(vf z) {
    vf s = z * z;
    s = choose(s > 15.5f, splat(15.5f), s);
    vf p = splat(2.045965056e-6f);
    p = p * s + 2.847981019e-4f;
    p = p * s + 3.771382833e-3f;
    p = p * s + 5.276563506e-2f;
    p = p * s + 1.905692109e-1f;
    p = p * s + 1.128379146f;
    vf q = splat(3.804475204e-5f);
    q = q * s + 1.163538906e-3f;
    q = q * s + 1.498087647e-2f;
    q = q * s + 1.141721975e-1f;
    q = q * s + 5.022203034e-1f;
    q = q * s + 1.0f;
    vf one = (vf)((vi)splat(1.0f) | ((vi)z & (int32_t)0x80000000));
    vf y = z * p / q;
    return choose(s > 15.4f, one, y);
}

/// 1 / (1 + exp(-x))
INLINE vf sigmoid(vf x) {
    vf e = exponential((vf)((vi)x | (int32_t)0x80000000)); // exp(-|x|) <= 1: no overflow
    return choose(x < 0.0f, e, splat(1.0f)) / (1.0f + e);
}

INLINE vf hyperbolic_tangent(vf x) {
    vi sign = (vi)x & (int32_t)0x80000000;
    vf a = (vf)((vi)x & 0x7fffffff);
    // Small a: an odd series as a continued fraction, tanh a = a (945 + 105 s + s^2) / (945 + 420 s + 15 s^2), s = a^2; error 1e-9 below
    // 0.35.
    vf s = a * a;
    vf small = a * ((s + 105.0f) * s + 945.0f) / ((15.0f * s + 420.0f) * s + 945.0f);
    vf e = exponential(-2.0f * a);
    vf y = choose(a < 0.35f, small, (1.0f - e) / (1.0f + e));
    return (vf)((vi)y | sign);
}

/// x for x > 20, else log(1 + exp x) (PyTorch's rule).
INLINE vf softplus(vf x) {
    vf y = larger(splat(0.0f), x) + logarithm_of_one_plus(exponential((vf)((vi)x | (int32_t)0x80000000)));
    return choose(x > 20.0f, x, y);
}

/// Standard normal distribution function at x.
INLINE vf normal_distribution(vf x) { return 0.5f + 0.5f * error_function(x * 0.707106781f); }

/// x Phi(x)
INLINE vf gelu(vf x) { return larger(splat(-1e6f), x) * normal_distribution(x); }

/// d/dx (x Phi(x)) = Phi(x) + x phi(x)
INLINE vf gelu_slope(vf x) {
    vf bounded =
        choose(x > 15.0f, splat(15.0f), choose(x < -15.0f, splat(-15.0f), x)); // the density is 0 beyond 15: this avoids infinity times 0
    return normal_distribution(x) + bounded * 0.398942280f * exponential(-0.5f * bounded * bounded);
}

// The same for bfloat16 values, without divisions and exponentials: 1/2 plus an odd polynomial, written in x squared over the whole range
// so that its coefficients are small. The error is 2e-6, a thousandth of the bfloat16 rounding error of a number near 1. Exactly 0 far
// below zero.
INLINE vf gelu_bf16(vf x) {
    vf bounded = smaller(splat(5.0f), larger(splat(-5.0f), x));
    vf t = bounded * bounded * 0.08f - 1.0f;
    vf p = splat(-1.372510090e-03f);
    p = p * t + 3.428211810e-03f;
    p = p * t - 3.287234520e-03f;
    p = p * t + 4.627768810e-03f;
    p = p * t - 1.062309550e-02f;
    p = p * t + 1.725613260e-02f;
    p = p * t - 2.347901580e-02f;
    p = p * t + 3.125852770e-02f;
    p = p * t - 4.040976220e-02f;
    p = p * t + 5.153484940e-02f;
    p = p * t - 7.029768690e-02f;
    p = p * t + 1.413636080e-01f;
    return choose(x < -5.0f, splat(0.0f), x * (bounded * p + 0.5f)); // Phi(-5) is 3e-7
}

INLINE vf gelu_slope_bf16(vf x) {
    vf bounded = smaller(splat(5.25f), larger(splat(-5.25f), x));
    vf t = bounded * bounded * 0.0725623583f - 1.0f;
    vf p = splat(-1.006371250e-02f);
    p = p * t + 2.386447740e-02f;
    p = p * t - 1.379925230e-02f;
    p = p * t + 1.036010770e-02f;
    p = p * t - 4.562142020e-02f;
    p = p * t + 7.273152760e-02f;
    p = p * t - 7.271718360e-02f;
    p = p * t + 7.444428970e-02f;
    p = p * t - 7.725273930e-02f;
    p = p * t + 7.085133010e-02f;
    p = p * t - 6.194312160e-02f;
    p = p * t + 5.923972780e-02f;
    p = p * t - 6.992139140e-02f;
    p = p * t + 1.350655650e-01f;
    return choose(x < -5.25f, splat(0.0f), bounded * p + 0.5f); // the slope is -2e-6 there
}

// Counter-based random numbers: a hash of (seed, index), so that element i is the same in any order and on any instruction set.
// Three rounds of xor-shift and multiply on 32 bits (multipliers from the public "hash prospector" search); the key enters at two places.
struct random_keys {
    uint32_t first, second;
};

INLINE struct random_keys keys_of(uint64_t seed) {
    seed += 0x9e3779b97f4a7c15u;
    seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
    seed = (seed ^ (seed >> 27)) * 0x94d049bb133111ebu;
    seed ^= seed >> 31;
    return (struct random_keys){(uint32_t)seed, (uint32_t)(seed >> 32)};
}

#define VLSEG_MIX(LOW, HIGH, KEYS, H)                                                                                                      \
    H = ((LOW) ^ (KEYS).first) + (HIGH)*0x9e3779b9u;                                                                                       \
    H = (H ^ (H >> 16)) * 0x7feb352du;                                                                                                     \
    H = (H ^ (H >> 15)) ^ (KEYS).second;                                                                                                   \
    H = (H ^ (H >> 16)) * 0x21f0aaadu;                                                                                                     \
    H = (H ^ (H >> 15)) * 0xd35a2d97u;                                                                                                     \
    H = H ^ (H >> 15)

/// The uniform numbers in [0, 1) for the elements index ..< index + LANES.
INLINE vf uniforms(struct random_keys keys, uint64_t index) {
    vu low = (vu)lane_numbers() + (uint32_t)index;
    vu high = (uint32_t)(index >> 32) - (vu)(low < (uint32_t)index); // a comparison is -1 in the lanes where the low half wrapped
    vu h;
    VLSEG_MIX(low, high, keys, h);
    return __builtin_convertvector((vi)(h >> 8), vf) * 0x1p-24f;
}
