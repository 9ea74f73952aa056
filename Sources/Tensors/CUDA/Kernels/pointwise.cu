// Elementwise kernels: a grid of any size covers all elements (grid G, block 256).

/// Kinds of activation, with the numbers of Activation in Swift.
enum { GELU, TANH, SOFTPLUS, SIGMOID, LEAKY_RELU };

KERNEL_OF(256, fill, i64 n, float value, T *y) {
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < n; i += (i64)gridDim.x * 256) y[i] = from_float<T>(value);
}

KERNEL_OF(256, from_float32, i64 n, const float *x, T *y) {
    map(n, x, y, [](float a, i64) { return a; });
}

KERNEL_OF(256, to_float32, i64 n, const T *x, float *y) {
    map(n, x, y, [](float a, i64) { return a; });
}

/// y = a + b
KERNEL_OF(256, add, i64 n, const T *a, const T *b, T *y) {
    map(n, a, b, y, [](float p, float q) { return p + q; });
}

/// y = a + s b
KERNEL_OF(256, add_scaled, i64 n, const T *a, const T *b, const float *s, T *y) {
    float factor = *s;
    map(n, a, b, y, [factor](float p, float q) { return p + factor * q; });
}

/// y += s x
KERNEL_OF(256, accumulate, i64 n, float s, const T *x, T *y) {
    map(n, y, x, y, [s](float p, float q) { return p + s * q; });
}

/// y = factor x; the factor is read from memory if there is an address.
KERNEL_OF(256, scale, i64 n, const T *x, float factor, const float *in_memory, T *y) {
    float s = in_memory != 0 ? *in_memory : factor;
    map(n, x, y, [s](float a, i64) { return s * a; });
}

KERNEL_OF(256, dropout, i64 n, const T *x, float p, dropout_seed seed, T *y) {
    random_keys keys = keys_of(seed);
    float factor = 1.0f / (1.0f - p);
    map(n, x, y, [keys, p, factor](float a, i64 i) { return uniform_of(keys, (u64)i) >= p ? a * factor : 0.0f; });
}

KERNEL_OF(256, activate, i64 n, int kind, float slope, const T *x, T *y) {
    switch (kind) {
    case GELU: return map(n, x, y, [](float a, i64) { return gelu(a); });
    case TANH: return map(n, x, y, [](float a, i64) { return tanhf(a); });
    case SOFTPLUS: return map(n, x, y, [](float a, i64) { return softplus(a); });
    case SIGMOID: return map(n, x, y, [](float a, i64) { return sigmoid(a); });
    case LEAKY_RELU: return map(n, x, y, [slope](float a, i64) { return a > 0 ? a : slope * a; });
    }
}

/// dx = f'(saved) dy; `saved` is the output for tanh and sigmoid.
KERNEL_OF(256, activate_gradient, i64 n, int kind, float slope, const T *saved, const T *dy, T *dx) {
    switch (kind) {
    case GELU: return map(n, saved, dy, dx, [](float a, float d) { return d * gelu_slope(a); });
    case TANH: return map(n, saved, dy, dx, [](float a, float d) { return d * (1.0f - a * a); });
    case SOFTPLUS: return map(n, saved, dy, dx, [](float a, float d) { return a > 20.0f ? d : d * sigmoid(a); });
    case SIGMOID: return map(n, saved, dy, dx, [](float a, float d) { return d * a * (1.0f - a); });
    case LEAKY_RELU: return map(n, saved, dy, dx, [slope](float a, float d) { return a > 0 ? d : slope * d; });
    }
}

/// partials[block] = the sum of a b over the block's elements.
KERNEL_OF(256, dot, i64 n, const T *a, const T *b, double *partials) {
    __shared__ double scratch[8];
    double sum = 0;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < n; i += (i64)gridDim.x * 256)
        sum += (double)to_float(a[i]) * (double)to_float(b[i]);
    sum = block_sum(sum, scratch);
    if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

/// *sum += the partial sums, in order. One block of 256.
KERNEL_OF(256, dot_sum, int count, const double *partials, float *sum) {
    __shared__ double scratch[8];
    double total = 0;
    for (int i = threadIdx.x; i < count; i += 256) total += partials[i];
    total = block_sum(total, scratch);
    if (threadIdx.x == 0) *sum += (float)total;
}

/// found[0] = 1 if an element is not finite (the caller sets it to 0 before).
KERNEL_OF(256, find_not_finite, i64 n, const T *x, u8 *found) {
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < n; i += (i64)gridDim.x * 256)
        if (!(fabsf(to_float(x[i])) < INFINITY)) found[0] = 1;
}

/// y = a + k(sample) x, or without a y = k(sample) x: k is 0 with probability p and 1 / (1 - p) otherwise, the same for all of the `each`
/// elements of a sample. Grid G, block 256.
KERNEL_OF(256, drop_path, i64 n, i64 each, const T *a, const T *x, float p, dropout_seed seed, T *y) {
    random_keys keys = keys_of(seed);
    float kept = 1.0f / (1.0f - p);
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < n; i += (i64)gridDim.x * 256) {
        float branch = uniform_of(keys, (u64)(i / each)) >= p ? kept * to_float(x[i]) : 0.0f;
        y[i] = from_float<T>(a != 0 ? to_float(a[i]) + branch : branch);
    }
}
