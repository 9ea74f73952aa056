// Attention within the windows of a map, with a bias for each head and pair of places: qkv [B, H, W, 3 C], table [(2 side - 1)^2, heads],
// out [B, H, W, C], log_sums [windows, heads, n], n = side^2 at most 64 places. A window's rows are picked from the map where the cyclic
// shift finds them; -100 is added between places that the shift brought together.

struct window_shape {
    int height, width, heads, d, side, shift;
    float scale;
    int windows;
};

/// A window of the map: its image, row and column.
struct window_place {
    int image, row, column;
    bool is_last_row, is_last_column;
};

DEVICE window_place place_of(const window_shape &s, int window) {
    int down = s.height / s.side, across = s.width / s.side;
    window_place w = {window / (down * across), window / across % down, window % across, false, false};
    w.is_last_row = w.row == down - 1, w.is_last_column = w.column == across - 1;
    return w;
}

/// The pixel of place t.
DEVICE i64 window_pixel(const window_shape &s, const window_place &w, int t) {
    int y = (w.row * s.side + t / s.side + s.shift) % s.height, x = (w.column * s.side + t % s.side + s.shift) % s.width;
    return ((i64)w.image * s.height + y) * s.width + x;
}

/// What is added to the score of places i and j.
DEVICE float window_bias(const window_shape &s, const window_place &w, const float *table, int head, int i, int j) {
    int yi = i / s.side, xi = i % s.side, yj = j / s.side, xj = j % s.side, edge = s.side - s.shift;
    float bias = table[((yi - yj + s.side - 1) * (2 * s.side - 1) + xi - xj + s.side - 1) * s.heads + head];
    bool is_apart = (w.is_last_row && (yi >= edge) != (yj >= edge)) || (w.is_last_column && (xi >= edge) != (xj >= edge));
    return s.shift > 0 && is_apart ? bias - 100.0f : bias;
}

/// rows [n, pitch] = d elements of each place's pixel, times `factor`.
DEVICE void take_window(const window_shape &s, const window_place &w, const T *from, i64 stride, float factor, float *rows) {
    int n = s.side * s.side, pitch = s.d | 1;
    for (int e = threadIdx.x; e < n * s.d; e += 256) {
        int t = e / s.d, j = e - t * s.d;
        rows[t * pitch + j] = factor * to_float(from[window_pixel(s, w, t) * stride + j]);
    }
}

DEVICE float window_dot(const float *a, const float *b, int d) {
    float sum = 0;
    for (int j = 0; j < d; j++) sum += a[j] * b[j];
    return sum;
}

/// Grid (windows * heads), block 256, shared (3 n (d | 1) + n (n | 1)) floats.
KERNEL_OF(256, window_attention_forward, window_shape s, const T *qkv, const float *table, T *out, float *log_sums) {
    DYNAMIC_SHARED(float, shared);
    int n = s.side * s.side, d = s.d, pitch = d | 1, across = n | 1, c = s.heads * d;
    int head = blockIdx.x % s.heads, warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
    window_place w = place_of(s, blockIdx.x / s.heads);
    float *q = shared, *k = q + n * pitch, *v = k + n * pitch, *scores = v + n * pitch;
    take_window(s, w, qkv + head * d, 3 * c, s.scale, q);
    take_window(s, w, qkv + c + head * d, 3 * c, 1.0f, k);
    take_window(s, w, qkv + 2 * c + head * d, 3 * c, 1.0f, v);
    __syncthreads();
    for (int e = threadIdx.x; e < n * n; e += 256) {
        int i = e / n, j = e - i * n;
        scores[i * across + j] = window_dot(q + i * pitch, k + j * pitch, d) + window_bias(s, w, table, head, i, j);
    }
    __syncthreads();
    for (int i = warp; i < n; i += 8) {
        float *row = scores + i * across, top = -INFINITY, sum = 0;
        for (int j = lane; j < n; j += 32) top = fmaxf(top, row[j]);
        top = warp_max(top);
        for (int j = lane; j < n; j += 32) sum += row[j] = expf(row[j] - top);
        sum = warp_sum(sum);
        for (int j = lane; j < n; j += 32) row[j] /= sum;
        if (lane == 0) log_sums[(i64)blockIdx.x * n + i] = top + logf(sum);
    }
    __syncthreads();
    for (int e = threadIdx.x; e < n * d; e += 256) {
        int i = e / d, j = e - i * d;
        float sum = 0;
        for (int t = 0; t < n; t++) sum += scores[i * across + t] * v[t * pitch + j];
        out[window_pixel(s, w, i) * c + head * d + j] = from_float<T>(sum);
    }
}

/// dqkv, and partials [heads, gridDim.x, n, n]: each block's sums of the scores' gradients over its windows. Grid (P, heads), block 256,
/// shared (4 n (d | 1) + 2 n (n | 1)) floats.
KERNEL_OF(256, window_attention_backward, window_shape s, const T *qkv, const float *table, const float *log_sums, const T *dout, T *dqkv,
          float *partials) {
    DYNAMIC_SHARED(float, shared);
    int n = s.side * s.side, d = s.d, pitch = d | 1, across = n | 1, c = s.heads * d;
    int head = blockIdx.y, warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
    float *q = shared, *k = q + n * pitch, *v = k + n * pitch, *g = v + n * pitch, *scores = g + n * pitch, *slopes = scores + n * across;
    float sums[16];
#pragma unroll
    for (int m = 0; m < 16; m++) sums[m] = 0;
    for (int window = blockIdx.x; window < s.windows; window += gridDim.x) {
        window_place w = place_of(s, window);
        take_window(s, w, qkv + head * d, 3 * c, s.scale, q);
        take_window(s, w, qkv + c + head * d, 3 * c, 1.0f, k);
        take_window(s, w, qkv + 2 * c + head * d, 3 * c, 1.0f, v);
        take_window(s, w, dout + head * d, c, 1.0f, g);
        __syncthreads();
        for (int e = threadIdx.x; e < n * n; e += 256) {
            int i = e / n, j = e - i * n;
            float score = window_dot(q + i * pitch, k + j * pitch, d) + window_bias(s, w, table, head, i, j);
            scores[i * across + j] = expf(score - log_sums[((i64)window * s.heads + head) * n + i]);
            slopes[i * across + j] = window_dot(g + i * pitch, v + j * pitch, d);
        }
        __syncthreads();
        for (int i = warp; i < n; i += 8) {
            float delta = 0;
            for (int j = lane; j < n; j += 32) delta += scores[i * across + j] * slopes[i * across + j];
            delta = warp_sum(delta);
            for (int j = lane; j < n; j += 32) slopes[i * across + j] = scores[i * across + j] * (slopes[i * across + j] - delta);
        }
        __syncthreads();
#pragma unroll
        for (int m = 0; m < 16; m++) {
            int e = threadIdx.x + m * 256;
            if (e < n * n) sums[m] += slopes[e / n * across + e % n];
        }
        for (int e = threadIdx.x; e < n * d; e += 256) {
            int i = e / d, j = e - i * d;
            float dq = 0, dk = 0, dv = 0;
            for (int t = 0; t < n; t++) {
                dq += slopes[i * across + t] * k[t * pitch + j];
                dk += slopes[t * across + i] * q[t * pitch + j];
                dv += scores[t * across + i] * g[t * pitch + j];
            }
            T *to = dqkv + window_pixel(s, w, i) * 3 * c + head * d + j;
            to[0] = from_float<T>(dq * s.scale);
            to[c] = from_float<T>(dk);
            to[2 * c] = from_float<T>(dv);
        }
        __syncthreads();
    }
#pragma unroll
    for (int m = 0; m < 16; m++) {
        int e = threadIdx.x + m * 256;
        if (e < n * n) partials[((i64)head * gridDim.x + blockIdx.x) * n * n + e] = sums[m];
    }
}

/// dtable += the sums of the partials over all pairs of places that a row of the table serves. Grid ((2 side - 1)^2, heads), block 256.
KERNEL_OF(256, window_table_gradient, window_shape s, int blocks, const float *partials, float *dtable) {
    __shared__ float scratch[8];
    int n = s.side * s.side, y = (int)blockIdx.x / (2 * s.side - 1) - s.side + 1, x = (int)blockIdx.x % (2 * s.side - 1) - s.side + 1;
    int head = blockIdx.y;
    float sum = 0;
    for (int e = threadIdx.x; e < n * blocks; e += 256) {
        int i = e % n, block = e / n, row = i / s.side - y, column = i % s.side - x;
        if (row >= 0 && row < s.side && column >= 0 && column < s.side)
            sum += partials[(((i64)head * blocks + block) * n + i) * n + row * s.side + column];
    }
    sum = block_sum(sum, scratch);
    if (threadIdx.x == 0) dtable[blockIdx.x * s.heads + head] += sum;
}
