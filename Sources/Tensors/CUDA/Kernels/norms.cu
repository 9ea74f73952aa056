// Layer norm over the columns of each row; batch norm with its leaky ReLU over the rows of each column.

// ---- layer norm: one warp per row

/// For rows whose columns fit a warp's registers: K groups of 4 in each lane, c a multiple of 4 and at most 128 K. A warp processes R rows
/// at once, so that several loads overlap. Grid (ceil(rows / (8 R))), block 256.
template <int K, int R>
DEVICE void layer_norm_rows(i64 rows, int c, float epsilon, const T *x, const float *gamma, const float *beta, T *y, float *means,
                            float *reciprocals) {
    i64 first = ((i64)blockIdx.x * 8 + (threadIdx.x >> 5)) * R;
    int lane = threadIdx.x & 31;
    float a[R][K][4], mean[R], reciprocal[R];
#pragma unroll
    for (int r = 0; r < R; r++)
#pragma unroll
        for (int k = 0; k < K; k++) {
            int column = (k * 32 + lane) * 4;
            if (first + r < rows && column < c)
                load<4>(x + (first + r) * c + column, a[r][k]);
            else
#pragma unroll
                for (int i = 0; i < 4; i++) a[r][k][i] = 0;
        }
#pragma unroll
    for (int r = 0; r < R; r++) {
        float sum = 0, squares = 0;
#pragma unroll
        for (int k = 0; k < K; k++)
#pragma unroll
            for (int i = 0; i < 4; i++) sum += a[r][k][i];
        mean[r] = warp_sum(sum) / c;
#pragma unroll
        for (int k = 0; k < K; k++)
            if ((k * 32 + lane) * 4 < c)
#pragma unroll
                for (int i = 0; i < 4; i++) squares += (a[r][k][i] - mean[r]) * (a[r][k][i] - mean[r]);
        reciprocal[r] = rsqrtf(warp_sum(squares) / c + epsilon);
    }
#pragma unroll
    for (int k = 0; k < K; k++) {
        int column = (k * 32 + lane) * 4;
        if (column < c) {
            float g[4], b[4];
            load<4>(gamma + column, g);
            load<4>(beta + column, b);
#pragma unroll
            for (int r = 0; r < R; r++) {
                if (first + r >= rows) continue;
#pragma unroll
                for (int i = 0; i < 4; i++) a[r][k][i] = (a[r][k][i] - mean[r]) * reciprocal[r] * g[i] + b[i];
                store<4>(y + (first + r) * c + column, a[r][k]);
            }
        }
    }
#pragma unroll
    for (int r = 0; r < R; r++)
        if (lane == 0 && first + r < rows) {
            means[first + r] = mean[r];
            reciprocals[first + r] = reciprocal[r];
        }
}

#define LAYER_NORM(K, R)                                                                                                                   \
    KERNEL_OF(256, layer_norm_##K, i64 rows, int c, float epsilon, const T *x, const float *gamma, const float *beta, T *y, float *means,  \
              float *reciprocals) {                                                                                                        \
        layer_norm_rows<K, R>(rows, c, epsilon, x, gamma, beta, y, means, reciprocals);                                                    \
    }
LAYER_NORM(1, 4)
LAYER_NORM(2, 4)
LAYER_NORM(3, 2)
LAYER_NORM(6, 1)

/// Any c. Grid (ceil(rows / 8)), block 256.
KERNEL_OF(256, layer_norm_any, i64 rows, int c, float epsilon, const T *x, const float *gamma, const float *beta, T *y, float *means,
          float *reciprocals) {
    i64 row = (i64)blockIdx.x * 8 + (threadIdx.x >> 5);
    if (row >= rows) return;
    int lane = threadIdx.x & 31;
    const T *from = x + row * c;
    float sum = 0, squares = 0;
    for (int j = lane; j < c; j += 32) sum += to_float(from[j]);
    float mean = warp_sum(sum) / c;
    for (int j = lane; j < c; j += 32) squares += (to_float(from[j]) - mean) * (to_float(from[j]) - mean);
    float reciprocal = rsqrtf(warp_sum(squares) / c + epsilon);
    for (int j = lane; j < c; j += 32) y[row * c + j] = from_float<T>((to_float(from[j]) - mean) * reciprocal * gamma[j] + beta[j]);
    if (lane == 0) {
        means[row] = mean;
        reciprocals[row] = reciprocal;
    }
}

/// dx, and each block's sums for dgamma and dbeta: partials [2, gridDim.x, c]. With h = (x - mean) r and g = gamma dy:
/// dx = r (g - mean(g) - h mean(g h)). Grid (P), block 256; a warp processes groups of R rows that are 8 P groups apart.
template <int K, int R>
DEVICE void layer_norm_gradient_rows(i64 rows, int c, const T *x, const float *gamma, const float *means, const float *reciprocals,
                                     const T *dy, T *dx, float *partials) {
    __shared__ float scratch[8][128];
    int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    float dgamma[K][4], dbeta[K][4], factor[K][4];
#pragma unroll
    for (int k = 0; k < K; k++) {
        int column = (k * 32 + lane) * 4;
#pragma unroll
        for (int i = 0; i < 4; i++) dgamma[k][i] = dbeta[k][i] = factor[k][i] = 0;
        if (column < c) load<4>(gamma + column, factor[k]);
    }
    for (i64 first = ((i64)blockIdx.x * 8 + warp) * R; first < rows; first += (i64)gridDim.x * 8 * R) {
        float h[R][K][4], g[R][K][4], mean[R], reciprocal[R];
#pragma unroll
        for (int r = 0; r < R; r++) {
            bool is_row = first + r < rows;
            mean[r] = is_row ? means[first + r] : 0.0f;
            reciprocal[r] = is_row ? reciprocals[first + r] : 0.0f;
#pragma unroll
            for (int k = 0; k < K; k++) {
                int column = (k * 32 + lane) * 4;
                if (is_row && column < c) {
                    load<4>(x + (first + r) * c + column, h[r][k]);
                    load<4>(dy + (first + r) * c + column, g[r][k]);
                } else
#pragma unroll
                    for (int i = 0; i < 4; i++) h[r][k][i] = g[r][k][i] = 0;
            }
        }
#pragma unroll
        for (int r = 0; r < R; r++) {
            float sum = 0, products = 0;
#pragma unroll
            for (int k = 0; k < K; k++)
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    // g is 0 beyond the last row and column.
                    h[r][k][i] = (h[r][k][i] - mean[r]) * reciprocal[r];
                    dgamma[k][i] += g[r][k][i] * h[r][k][i];
                    dbeta[k][i] += g[r][k][i];
                    g[r][k][i] *= factor[k][i];
                    sum += g[r][k][i];
                    products += g[r][k][i] * h[r][k][i];
                }
            sum = warp_sum(sum) / c;
            products = warp_sum(products) / c;
#pragma unroll
            for (int k = 0; k < K; k++) {
                int column = (k * 32 + lane) * 4;
                if (first + r < rows && column < c) {
#pragma unroll
                    for (int i = 0; i < 4; i++) g[r][k][i] = reciprocal[r] * (g[r][k][i] - sum - h[r][k][i] * products);
                    store<4>(dx + (first + r) * c + column, g[r][k]);
                }
            }
        }
    }
#pragma unroll
    for (int k = 0; k < K; k++)
        for (int which = 0; which < 2; which++) {
            __syncthreads();
#pragma unroll
            for (int i = 0; i < 4; i++) scratch[warp][lane * 4 + i] = which == 0 ? dgamma[k][i] : dbeta[k][i];
            __syncthreads();
            int column = k * 128 + threadIdx.x;
            if (threadIdx.x < 128 && column < c) {
                float sum = 0;
                for (int w = 0; w < 8; w++) sum += scratch[w][threadIdx.x];
                partials[((i64)which * gridDim.x + blockIdx.x) * c + column] = sum;
            }
        }
}

#define LAYER_NORM_GRADIENT(K, R)                                                                                                          \
    KERNEL_OF(256, layer_norm_gradient_##K, i64 rows, int c, const T *x, const float *gamma, const float *means, const float *reciprocals, \
              const T *dy, T *dx, float *partials) {                                                                                       \
        layer_norm_gradient_rows<K, R>(rows, c, x, gamma, means, reciprocals, dy, dx, partials);                                           \
    }
LAYER_NORM_GRADIENT(1, 4)
LAYER_NORM_GRADIENT(2, 2)
LAYER_NORM_GRADIENT(3, 2)
LAYER_NORM_GRADIENT(6, 1)

/// dx for any c. Grid (ceil(rows / 8)), block 256.
KERNEL_OF(256, layer_norm_gradient_any, i64 rows, int c, const T *x, const float *gamma, const float *means, const float *reciprocals,
          const T *dy, T *dx) {
    i64 row = (i64)blockIdx.x * 8 + (threadIdx.x >> 5), base = row * c;
    if (row >= rows) return;
    int lane = threadIdx.x & 31;
    float sum = 0, products = 0, mean = means[row], r = reciprocals[row];
    for (int j = lane; j < c; j += 32) {
        float g = gamma[j] * to_float(dy[base + j]);
        sum += g;
        products += g * (to_float(x[base + j]) - mean) * r;
    }
    sum = warp_sum(sum) / c;
    products = warp_sum(products) / c;
    for (int j = lane; j < c; j += 32)
        dx[base + j] = from_float<T>(r * (gamma[j] * to_float(dy[base + j]) - sum - (to_float(x[base + j]) - mean) * r * products));
}

/// Sums for dgamma and dbeta for any c, by sum_columns with V = 1: partials [2, P, c].
KERNEL_OF(256, layer_norm_gradient_sums, i64 rows, int c, const T *x, const float *means, const float *reciprocals, const T *dy,
          float *partials) {
    __shared__ float scratch[256][1];
    sum_columns<1, 2>(rows, c, partials, scratch, [=](i64 row, int column, float(&v)[2][1]) {
        float d = to_float(dy[row * c + column]);
        v[0][0] = d * (to_float(x[row * c + column]) - means[row]) * reciprocals[row];
        v[1][0] = d;
    });
}

// ---- batch norm: sums over rows per block, then over blocks in double

/// Sums of x - x[0] and of its square, so that a mean far from 0 loses no digits: partials [2, P, c], by sum_columns.
template <int V> DEVICE void batch_norm_sums_columns(i64 rows, int c, const T *x, float *partials) {
    __shared__ float scratch[256][V];
    sum_columns<V, 2>(rows, c, partials, scratch, [=](i64 row, int column, float(&v)[2][V]) {
        float shift[V];
        load<V>(x + row * c + column, v[0]);
        load<V>(x + column, shift);
#pragma unroll
        for (int i = 0; i < V; i++) {
            v[0][i] -= shift[i];
            v[1][i] = v[0][i] * v[0][i];
        }
    });
}
KERNEL_OF(256, batch_norm_sums_vector, i64 rows, int c, const T *x, float *partials) {
    batch_norm_sums_columns<vector_width<T>::value>(rows, c, x, partials);
}
KERNEL_OF(256, batch_norm_sums, i64 rows, int c, const T *x, float *partials) { batch_norm_sums_columns<1>(rows, c, x, partials); }

/// Sums partials [2, P, c] over p in double; a block (32, 32) takes 32 columns. Returns the column whose sums this thread has, or -1.
DEVICE int sum_partials_of_two(int p, int c, const float *partials, double (&sums)[2]) {
    __shared__ double scratch[32][33];
    int column = blockIdx.x * 32 + threadIdx.x;
    for (int q = 0; q < 2; q++) {
        double sum = 0;
        if (column < c)
#pragma unroll 4
            for (int i = threadIdx.y; i < p; i += 32) sum += partials[((i64)q * p + i) * c + column];
        __syncthreads();
        scratch[threadIdx.y][threadIdx.x] = sum;
        __syncthreads();
        sums[q] = warp_sum(scratch[threadIdx.x][threadIdx.y]);
    }
    column = blockIdx.x * 32 + threadIdx.y;
    return threadIdx.x == 0 && column < c ? column : -1;
}

/// Mean, 1 / sqrt(biased variance + epsilon) and the running statistics (unbiased variance) from the sums. Grid (ceil(c / 32)), block (32,
/// 32).
KERNEL_OF(1024, batch_norm_statistics, i64 rows, int p, int c, float epsilon, float momentum, const T *x, const float *partials,
          float *mean, float *reciprocal, float *running_mean, float *running_variance) {
    double sums_of[2];
    int column = sum_partials_of_two(p, c, partials, sums_of);
    if (column < 0) return;
    double sum = sums_of[0], squares = sums_of[1];
    double shifted = sum / rows, variance = fmax(squares / rows - shifted * shifted, 0.0), average = shifted + to_float(x[column]);
    mean[column] = (float)average;
    reciprocal[column] = (float)(1.0 / sqrt(variance + epsilon));
    double unbiased = rows > 1 ? variance * rows / (rows - 1) : variance;
    running_mean[column] = (float)((1.0 - momentum) * running_mean[column] + momentum * average);
    running_variance[column] = (float)((1.0 - momentum) * running_variance[column] + momentum * unbiased);
}

DEVICE float leaky(float x, float slope) { return x > 0 ? x : slope * x; }

/// y = leaky((x - mean) reciprocal gamma + beta); if `variance` is given, 1 / sqrt(variance + epsilon) replaces the reciprocal. Grid G,
/// block 256.
template <int V>
DEVICE void batch_norm_apply_rows(i64 rows, int c, float epsilon, float slope, const T *x, const float *gamma, const float *beta,
                                  const float *mean, const float *reciprocal, const float *variance, T *y) {
    int groups = c / V;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < rows * groups; i += (i64)gridDim.x * 256) {
        float a[V];
        int column = remainder_of(i, groups) * V;
        load<V>(x + i * V, a);
#pragma unroll
        for (int j = 0; j < V; j++) {
            float r = variance != 0 ? rsqrtf(variance[column + j] + epsilon) : reciprocal[column + j];
            a[j] = leaky((a[j] - mean[column + j]) * r * gamma[column + j] + beta[column + j], slope);
        }
        store<V>(y + i * V, a);
    }
}
KERNEL_OF(256, batch_norm_apply_vector, i64 rows, int c, float epsilon, float slope, const T *x, const float *gamma, const float *beta,
          const float *mean, const float *reciprocal, const float *variance, T *y) {
    batch_norm_apply_rows<vector_width<T>::value>(rows, c, epsilon, slope, x, gamma, beta, mean, reciprocal, variance, y);
}
KERNEL_OF(256, batch_norm_apply, i64 rows, int c, float epsilon, float slope, const T *x, const float *gamma, const float *beta,
          const float *mean, const float *reciprocal, const float *variance, T *y) {
    batch_norm_apply_rows<1>(rows, c, epsilon, slope, x, gamma, beta, mean, reciprocal, variance, y);
}

/// Sums of d and d h, where h = (x - mean) r and d = dy through the leaky ReLU: partials [2, P, c], by sum_columns.
template <int V>
DEVICE void batch_norm_gradient_columns(i64 rows, int c, float slope, const T *x, const float *gamma, const float *beta, const float *mean,
                                        const float *reciprocal, const T *dy, float *partials) {
    __shared__ float scratch[256][V];
    sum_columns<V, 2>(rows, c, partials, scratch, [=](i64 row, int column, float(&v)[2][V]) {
        float a[V];
        load<V>(x + row * c + column, a);
        load<V>(dy + row * c + column, v[0]);
#pragma unroll
        for (int i = 0; i < V; i++) {
            float h = (a[i] - mean[column + i]) * reciprocal[column + i];
            if (!(h * gamma[column + i] + beta[column + i] > 0)) v[0][i] *= slope;
            v[1][i] = v[0][i] * h;
        }
    });
}
KERNEL_OF(256, batch_norm_gradient_sums_vector, i64 rows, int c, float slope, const T *x, const float *gamma, const float *beta,
          const float *mean, const float *reciprocal, const T *dy, float *partials) {
    batch_norm_gradient_columns<vector_width<T>::value>(rows, c, slope, x, gamma, beta, mean, reciprocal, dy, partials);
}
KERNEL_OF(256, batch_norm_gradient_sums, i64 rows, int c, float slope, const T *x, const float *gamma, const float *beta, const float *mean,
          const float *reciprocal, const T *dy, float *partials) {
    batch_norm_gradient_columns<1>(rows, c, slope, x, gamma, beta, mean, reciprocal, dy, partials);
}

/// sums [2, c] = the sums of partials [2, P, c]; dbeta += the first, dgamma += the second. Grid (ceil(c / 32)), block (32, 32).
KERNEL_OF(1024, batch_norm_gradient_totals, int p, int c, const float *partials, float *sums, float *dgamma, float *dbeta) {
    double sums_of[2];
    int column = sum_partials_of_two(p, c, partials, sums_of);
    if (column < 0) return;
    double d = sums_of[0], dh = sums_of[1];
    sums[column] = (float)d;
    sums[c + column] = (float)dh;
    dbeta[column] += (float)d;
    dgamma[column] += (float)dh;
}

/// dx = gamma r (d - sum(d) / rows - h sum(d h) / rows). Grid G, block 256.
template <int V>
DEVICE void batch_norm_gradient_rows(i64 rows, int c, float slope, const T *x, const float *gamma, const float *beta, const float *mean,
                                     const float *reciprocal, const float *sums, const T *dy, T *dx) {
    int groups = c / V;
    float share = 1.0f / (float)rows;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < rows * groups; i += (i64)gridDim.x * 256) {
        float a[V], d[V];
        int column = remainder_of(i, groups) * V;
        load<V>(x + i * V, a);
        load<V>(dy + i * V, d);
#pragma unroll
        for (int j = 0; j < V; j++) {
            float r = reciprocal[column + j], g = gamma[column + j], h = (a[j] - mean[column + j]) * r;
            if (!(h * g + beta[column + j] > 0)) d[j] *= slope;
            d[j] = g * r * (d[j] - share * sums[column + j] - h * share * sums[c + column + j]);
        }
        store<V>(dx + i * V, d);
    }
}
KERNEL_OF(256, batch_norm_gradient_vector, i64 rows, int c, float slope, const T *x, const float *gamma, const float *beta,
          const float *mean, const float *reciprocal, const float *sums, const T *dy, T *dx) {
    batch_norm_gradient_rows<vector_width<T>::value>(rows, c, slope, x, gamma, beta, mean, reciprocal, sums, dy, dx);
}
KERNEL_OF(256, batch_norm_gradient, i64 rows, int c, float slope, const T *x, const float *gamma, const float *beta, const float *mean,
          const float *reciprocal, const float *sums, const T *dy, T *dx) {
    batch_norm_gradient_rows<1>(rows, c, slope, x, gamma, beta, mean, reciprocal, sums, dy, dx);
}
