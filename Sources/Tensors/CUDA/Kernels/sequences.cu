// Text sequences: short convolutions, the selective scan, linear maps over positions. The first two are float32 in every mode.

// ---- depthwise convolution over positions: y[b, l, d] = sum over j of w[j, d] x[b, l + j - left, d], zeros outside

/// Rows of x are ldx apart. Grid (ceil(B*L*D / 256)), block 256. With `turned` it computes the gradient of x: the taps of w are reversed.
KERNEL_OF(256, convolution1d, i64 count, int length, int d, int k, int left, const float *x, i64 ldx, const float *weight, float *y,
          i64 ldy, int turned) {
    i64 at = (i64)blockIdx.x * 256 + threadIdx.x;
    if (at >= count) return;
    i64 row = at / d;
    int j = (int)(at - row * d), l = (int)(row % length);
    float sum = 0;
    for (int tap = 0; tap < k; tap++) {
        int from = turned ? l - tap + left : l + tap - left;
        if (from >= 0 && from < length) sum += weight[tap * d + j] * x[(row - l + from) * ldx + j];
    }
    y[row * ldy + j] = sum;
}

/// dweight[tap, d] += the sum over images and positions of dy[b, l, d] x[b, l + tap - left, d]. Grid (ceil(D / 32), k), block (32, 32).
KERNEL_OF(1024, convolution1d_weight, i64 rows, int length, int d, int left, const float *x, i64 ldx, const float *dy, float *dweight) {
    __shared__ float sums[32][33];
    int j = blockIdx.x * 32 + threadIdx.x, tap = blockIdx.y;
    float sum = 0;
    if (j < d)
#pragma unroll 4
        for (i64 row = threadIdx.y; row < rows; row += 32) {
            int from = (int)(row % length) + tap - left;
            if (from >= 0 && from < length) sum += dy[row * d + j] * x[(row + tap - left) * ldx + j];
        }
    sums[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    // One warp per column.
    sum = warp_sum(sums[threadIdx.x][threadIdx.y]);
    j = blockIdx.x * 32 + threadIdx.y;
    if (threadIdx.x == 0 && j < d) dweight[tap * d + j] += sum;
}

// ---- selective scan: h_l = exp(dt_l A) h_{l-1} + dt_l B_l u_l, y_l = <h_l, C_l> + D u_l, A = -exp(A_log), h_{-1} = 0
// A thread keeps one state of one feature. `lanes` neighbouring threads (a power of two, at least N, at most 32) share a feature; a block
// has 256 / lanes features.

/// The sum over the lanes of a feature, returned in all of them.
DEVICE float feature_sum(float x, int lanes) {
    for (int offset = lanes >> 1; offset > 0; offset >>= 1) x += __shfl_xor_sync(0xffffffffu, x, offset);
    return x;
}

/// Grid (ceil(E / (256 / lanes)), B), block 256.
KERNEL_OF(256, scan, int length, int width, int state, int lanes, const float *u, const float *dt, const float *a_log, const float *b,
          i64 ldb, const float *c, i64 ldc, const float *skip, float *y) {
    int n = threadIdx.x % lanes, feature = blockIdx.x * (256 / lanes) + threadIdx.x / lanes;
    bool is_there = feature < width && n < state;
    float a = is_there ? -expf(a_log[feature * state + n]) : 0.0f, h = 0, d = feature < width ? skip[feature] : 0.0f;
    for (int l = 0; l < length; l++) {
        i64 row = (i64)blockIdx.y * length + l, at = row * width + feature;
        float input = feature < width ? u[at] : 0.0f, step = feature < width ? dt[at] : 0.0f;
        float bl = is_there ? b[row * ldb + n] : 0.0f, cl = is_there ? c[row * ldc + n] : 0.0f;
        h = expf(step * a) * h + step * input * bl;
        float sum = feature_sum(h * cl, lanes);
        if (n == 0 && feature < width) y[at] = sum + d * input;
    }
}

/// g_l is the gradient of h_l (from y_l and from h_{l+1}); e = exp(dt A). du += g dt B, ddt += g (A e h_{l-1} + B u), dA += g dt e h_{l-1},
/// dB += g dt u, dC = h dy; g e is passed on to h_{l-1}. states [B, L, E, lanes] is scratch memory; da [B, E, N] and dskip [B, E] hold each
/// image's sums, bc [gridDim.x, B*L, 2 N] each block's parts of dB and dC. Grid (ceil(E / (256 / lanes)), B), block 256.
KERNEL_OF(256, scan_gradient, int length, int width, int state, int lanes, const float *u, const float *dt, const float *a_log,
          const float *b, i64 ldb, const float *c, i64 ldc, const float *skip, const float *dy, float *states, float *du, float *ddt,
          float *da, float *dskip, float *bc) {
    __shared__ float parts[2][256];
    int n = threadIdx.x % lanes, features = 256 / lanes, feature = blockIdx.x * features + threadIdx.x / lanes;
    bool is_feature = feature < width, is_there = is_feature && n < state;
    float a = is_there ? -expf(a_log[feature * state + n]) : 0.0f, h = 0, d = is_feature ? skip[feature] : 0.0f;
    for (int l = 0; l < length; l++) {
        i64 row = (i64)blockIdx.y * length + l, at = row * width + feature;
        if (!is_feature) continue;
        float step = dt[at], bl = is_there ? b[row * ldb + n] : 0.0f;
        h = expf(step * a) * h + step * u[at] * bl;
        states[at * lanes + n] = h;
    }
    float g = 0, a_sum = 0, skip_sum = 0;
    for (int l = length - 1; l >= 0; l--) {
        i64 row = (i64)blockIdx.y * length + l, at = row * width + feature;
        float input = is_feature ? u[at] : 0.0f, step = is_feature ? dt[at] : 0.0f, dyl = is_feature ? dy[at] : 0.0f;
        float bl = is_there ? b[row * ldb + n] : 0.0f, cl = is_there ? c[row * ldc + n] : 0.0f;
        float now = is_feature ? states[at * lanes + n] : 0.0f;
        float before = is_feature && l > 0 ? states[(at - width) * lanes + n] : 0.0f;
        float e = expf(step * a), carried = e * before;
        g += dyl * cl;
        a_sum += g * step * carried;
        skip_sum += input * dyl;
        float du_sum = feature_sum(g * step * bl, lanes), ddt_sum = feature_sum(g * (a * carried + input * bl), lanes);
        if (n == 0 && is_feature) {
            du[at] = du_sum + d * dyl;
            ddt[at] = ddt_sum;
        }
        // Sums over the block's features, for each state.
        parts[0][threadIdx.x] = g * step * input;
        parts[1][threadIdx.x] = now * dyl;
        __syncthreads();
        if (threadIdx.x < 2 * lanes) {
            int which = threadIdx.x / lanes, at_state = threadIdx.x % lanes;
            float sum = 0;
            for (int f = 0; f < features; f++) sum += parts[which][f * lanes + at_state];
            if (at_state < state) bc[(((i64)blockIdx.x * gridDim.y * length + row) * 2 + which) * state + at_state] = sum;
        }
        __syncthreads();
        g *= e;
    }
    // Through A = -exp(A_log): dA_log = dA A.
    if (is_there) da[((i64)blockIdx.y * width + feature) * state + n] = a_sum * a;
    if (is_feature && n == 0) dskip[(i64)blockIdx.y * width + feature] = skip_sum;
}

/// db and dc (rows lddb and lddc apart) = the sums over blocks of bc [blocks, rows, 2, N]. Grid (ceil(rows * 2 N / 256)), block 256.
KERNEL_OF(256, scan_gradient_sums, int blocks, i64 rows, int state, const float *bc, float *db, i64 lddb, float *dc, i64 lddc) {
    i64 at = (i64)blockIdx.x * 256 + threadIdx.x, count = rows * 2 * state;
    if (at >= count) return;
    float sum = 0;
    for (int i = 0; i < blocks; i++) sum += bc[i * count + at];
    i64 row = at / (2 * state);
    int which = (int)(at - row * 2 * state);
    if (which < state)
        db[row * lddb + which] = sum;
    else
        dc[row * lddc + which - state] = sum;
}

// ---- a linear map over positions

/// y[b] = W x[b] + bias, or with W transposed: x [B, from, C], y [B, to, C], W [to, from] or, transposed, [from, to], bias [to] or null.
/// Grid (ceil(C / 256), to, B), block 256.
KERNEL_OF(256, sequence_product, int from, int to, int c, const float *weight, int transposed, const float *bias, const T *x, T *y,
          int accumulate) {
    int j = blockIdx.x * 256 + threadIdx.x, t = blockIdx.y;
    if (j >= c) return;
    const T *input = x + (i64)blockIdx.z * from * c + j;
    float sum = bias == 0 ? 0 : bias[t];
    for (int l = 0; l < from; l++) sum += (transposed ? weight[l * to + t] : weight[t * from + l]) * to_float(input[(i64)l * c]);
    T *output = y + ((i64)blockIdx.z * to + t) * c + j;
    *output = from_float<T>(accumulate ? to_float(*output) + sum : sum);
}

/// dbias[t] += the sum over images and channels of dy[b,t,c]; dy [B, T, C]. Grid T, block 256.
KERNEL_OF(256, sequence_bias, int batch, int to, int c, const T *dy, float *dbias) {
    __shared__ float parts[8];
    float sum = 0;
    for (int b = 0; b < batch; b++) {
        const T *row = dy + ((i64)b * to + blockIdx.x) * c;
        for (int j = threadIdx.x; j < c; j += 256) sum += to_float(row[j]);
    }
    sum = warp_sum(sum);
    if ((threadIdx.x & 31) == 0) parts[threadIdx.x >> 5] = sum;
    __syncthreads();
    if (threadIdx.x > 0) return;
    float total = 0;
    for (int i = 0; i < 8; i++) total += parts[i];
    dbias[blockIdx.x] += total;
}

/// partials [B * S, T, L]: dy[b] x[b]^T over the s-th of S stretches of channels; dy [B, T, C], x [B, L, C]. Grid (S, B), block 256,
/// shared (T + L) * 33 * 4 bytes.
KERNEL_OF(256, sequence_weight, int to, int from, int c, const T *dy, const T *x, float *partials) {
    // Parts of 32 channels, in rows of 33, so that a column's elements are in different banks.
    DYNAMIC_SHARED(float, tile);
    int count = to * from, steps = (c + 31) / 32;
    int begin = (int)(steps * blockIdx.x / gridDim.x) * 32, end = min((int)(steps * (blockIdx.x + 1) / gridDim.x) * 32, c);
    i64 image = blockIdx.y;
    float *part = partials + (image * gridDim.x + blockIdx.x) * count;
    // A thread's outputs are in registers, for up to 1024 outputs per block; more outputs take several rounds.
    for (int base = 0; base < count; base += 1024) {
        float sum[4] = {0, 0, 0, 0};
        for (int first = begin; first < end; first += 32) {
            __syncthreads();
            for (int i = threadIdx.x; i < (to + from) * 32; i += 256) {
                int row = i / 32, column = first + i % 32;
                const T *source = row < to ? dy + (image * to + row) * c : x + (image * from + row - to) * c;
                tile[row * 33 + i % 32] = column < end ? to_float(source[column]) : 0.0f;
            }
            __syncthreads();
#pragma unroll
            for (int s = 0; s < 4; s++) {
                int at = base + s * 256 + threadIdx.x;
                if (at >= count) continue;
                const float *p = tile + at / from * 33, *q = tile + (to + at % from) * 33;
#pragma unroll 8
                for (int i = 0; i < 32; i++) sum[s] += p[i] * q[i];
            }
        }
#pragma unroll
        for (int s = 0; s < 4; s++) {
            int at = base + s * 256 + threadIdx.x;
            if (at < count) part[at] = sum[s];
        }
    }
}
