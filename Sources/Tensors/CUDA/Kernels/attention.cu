// Scaled dot-product attention with several heads: out = dropout(softmax(scale q k^T)) v for every image b and head. Each of q, k, v and
// the outputs has its own row stride; the columns of head h begin at h * d. logSums [B, heads, Lq]: if no key is left, -infinity, and the
// row of the output is zero. Scores exist in registers only; the backward kernels recompute them from the log-sums.
//
// attention_*_any: plain float32 arithmetic, any d up to 256, any strides. 256 threads, 8 warps. A warp owns R rows of one side (queries,
// or keys for dk and dv); its lanes correspond to the 32 rows of a tile of the other side. The number at the end of the name is the number
// of columns that a lane sums: take the smallest with 32 * number >= d. attention_*_wide, at the end, are for larger d.

/// Floats between rows of a tile: a whole and odd number of float4, so that 32 lanes that read 32 rows have no bank conflicts.
DEVICE int tile_pitch(int d) { return (((d + 3) / 4) | 1) * 4; }

/// Loads rows [first, first + count) of `from`. Rows from `limit` on and columns from d on are zeros.
DEVICE void load_tile(float *tile, const T *from, i64 stride, int first, int count, int limit, int d) {
    int pitch = tile_pitch(d), warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
    for (int i = warp; i < count; i += 8)
        for (int j = lane; j < pitch; j += 32)
            tile[i * pitch + j] = first + i < limit && j < d ? to_float(from[(first + i) * stride + j]) : 0.0f;
}

/// products[r] = a[r] . b, over the rows of tiles.
template <int R> DEVICE void row_products(float (&products)[R], const float *a, const float *b, int d) {
    int pitch = tile_pitch(d);
#pragma unroll
    for (int r = 0; r < R; r++) products[r] = 0;
    for (int j = 0; j < d; j += 4) {
        float y[4];
        load<4>(b + j, y);
#pragma unroll
        for (int r = 0; r < R; r++) {
            float x[4];
            load<4>(a + r * pitch + j, x);
#pragma unroll
            for (int i = 0; i < 4; i++) products[r] += x[i] * y[i];
        }
    }
}

/// sums[r][c] += the sum over the tile's rows i of factors[r] of lane i times column lane + 32 c of row i.
template <int R, int C> DEVICE void add_weighted_rows(float (&sums)[R][C], const float (&factors)[R], const float *tile, int rows, int d) {
    int pitch = tile_pitch(d), lane = threadIdx.x & 31;
    for (int i = 0; i < rows; i++) {
        float factor[R];
#pragma unroll
        for (int r = 0; r < R; r++) factor[r] = __shfl_sync(0xffffffffu, factors[r], i);
#pragma unroll
        for (int c = 0; c < C; c++) {
            float x = lane + 32 * c < d ? tile[i * pitch + lane + 32 * c] : 0.0f;
#pragma unroll
            for (int r = 0; r < R; r++) sums[r][c] += factor[r] * x;
        }
    }
}

template <int C> DEVICE void store_row(T *to, const float (&row)[C], float factor, int d) {
    int lane = threadIdx.x & 31;
#pragma unroll
    for (int c = 0; c < C; c++)
        if (lane + 32 * c < d) to[lane + 32 * c] = from_float<T>(row[c] * factor);
}

/// The factor that dropout applies to the attention weight `index`: 0 or 1 / (1 - p).
DEVICE float dropout_factor(random_keys keys, u64 index, float p) { return uniform_of(keys, index) >= p ? 1.0f / (1.0f - p) : 0.0f; }

/// One tile's step of the softmax over keys, whose sums are scaled down where a larger score comes. s: in, the products of R queries with
/// the lane's key j; out, their weights after dropout. `row` is the place of the first query among all images, heads and queries.
template <int R, int C>
DEVICE void softmax_step(float (&s)[R], float (&sums)[R][C], float (&top)[R], float (&total)[R], bool open, float scale, float p,
                         random_keys random, u64 row, int lk, int j) {
#pragma unroll
    for (int r = 0; r < R; r++) {
        float score = open ? s[r] * scale : -INFINITY, higher = fmaxf(top[r], warp_max(score));
        float probability = open ? expf(score - higher) : 0.0f;
        float shrink = top[r] == -INFINITY ? 0.0f : expf(top[r] - higher);
        top[r] = higher;
        total[r] = total[r] * shrink + warp_sum(probability);
#pragma unroll
        for (int c = 0; c < C; c++) sums[r][c] *= shrink;
        if (p > 0 && open) probability *= dropout_factor(random, (row + r) * lk + j, p);
        s[r] = probability;
    }
}

/// The gradients of R queries' scores with the lane's key j, in place of the products s. g: the products of dout with the key's value.
template <int R>
DEVICE void score_gradients(float (&s)[R], float (&g)[R], const float (&log_sum)[R], const float (&delta)[R], bool open, float scale,
                            float p, random_keys random, u64 row, int lk, int j) {
#pragma unroll
    for (int r = 0; r < R; r++) {
        float probability = open && log_sum[r] != -INFINITY ? expf(s[r] * scale - log_sum[r]) : 0.0f;
        if (p > 0 && open) g[r] *= dropout_factor(random, (row + r) * lk + j, p);
        s[r] = probability * (g[r] - delta[r]);
    }
}

/// The same of R keys with the lane's query, and the weights after dropout. `index` is the place of the query's weight for the first key.
template <int R>
DEVICE void key_score_gradients(float (&s)[R], const float (&g)[R], float (&dropped)[R], float log_sum, float delta, const bool (&open)[R],
                                float scale, float p, random_keys random, u64 index) {
#pragma unroll
    for (int r = 0; r < R; r++) {
        float probability = open[r] && log_sum != -INFINITY ? expf(s[r] * scale - log_sum) : 0.0f, factor = 1;
        if (p > 0 && open[r]) factor = dropout_factor(random, index + r, p);
        dropped[r] = probability * factor;
        s[r] = probability * (g[r] * factor - delta);
    }
}

template <int C>
DEVICE void forward_any(const T *q, const T *k, const T *v, const u8 *mask, T *out, float *log_sums, int heads, int lq, int lk, int d,
                        i64 ldq, i64 ldk, i64 ldv, i64 ldo, float scale, float p, dropout_seed seed) {
    const int R = 4;
    DYNAMIC_SHARED(float, shared);
    int pitch = tile_pitch(d), warp = threadIdx.x >> 5, lane = threadIdx.x & 31, tiles = (lq + 31) / 32;
    int first = blockIdx.x % tiles * 32, unit = blockIdx.x / tiles, b = unit / heads, column = unit % heads * d;
    float *queries = shared, *keys = queries + 32 * pitch, *values = keys + 32 * pitch;
    random_keys random = {0, 0};
    if (p > 0) random = keys_of(seed);
    load_tile(queries, q + b * lq * ldq + column, ldq, first, 32, lq, d);
    float sums[R][C] = {}, top[R], total[R];
#pragma unroll
    for (int r = 0; r < R; r++) top[r] = -INFINITY, total[r] = 0;
    for (int start = 0; start < lk; start += 32) {
        __syncthreads();
        load_tile(keys, k + b * lk * ldk + column, ldk, start, 32, lk, d);
        load_tile(values, v + b * lk * ldv + column, ldv, start, 32, lk, d);
        __syncthreads();
        int j = start + lane;
        bool open = j < lk && (mask == 0 || mask[(i64)b * lk + j] != 0);
        float s[R];
        row_products(s, queries + warp * R * pitch, keys + lane * pitch, d);
        softmax_step(s, sums, top, total, open, scale, p, random, (u64)unit * lq + first + warp * R, lk, j);
        add_weighted_rows(sums, s, values, min(32, lk - start), d);
    }
#pragma unroll
    for (int r = 0; r < R; r++) {
        int i = first + warp * R + r;
        if (i >= lq) break;
        store_row(out + ((i64)b * lq + i) * ldo + column, sums[r], total[r] > 0 ? 1.0f / total[r] : 0.0f, d);
        if (log_sums != 0 && lane == 0) log_sums[(i64)unit * lq + i] = total[r] > 0 ? top[r] + logf(total[r]) : -INFINITY;
    }
}

/// Computes dq, and for the kernel of dk and dv also deltas [B, heads, Lq], the sums of dout out over a row.
template <int C>
DEVICE void dq_any(const T *q, const T *k, const T *v, const u8 *mask, const T *out, const float *log_sums, const T *dout, float *deltas,
                   T *dq, int heads, int lq, int lk, int d, i64 ldq, i64 ldk, i64 ldv, i64 ldo, i64 lddo, i64 lddq, float scale, float p,
                   dropout_seed seed) {
    const int R = 2;
    DYNAMIC_SHARED(float, shared);
    int pitch = tile_pitch(d), warp = threadIdx.x >> 5, lane = threadIdx.x & 31, tiles = (lq + 15) / 16;
    int first = blockIdx.x % tiles * 16, unit = blockIdx.x / tiles, b = unit / heads, column = unit % heads * d;
    float *queries = shared, *gradients = queries + 16 * pitch, *keys = gradients + 16 * pitch, *values = keys + 32 * pitch;
    random_keys random = {0, 0};
    if (p > 0) random = keys_of(seed);
    load_tile(queries, q + b * lq * ldq + column, ldq, first, 16, lq, d);
    load_tile(gradients, dout + b * lq * lddo + column, lddo, first, 16, lq, d);
    __syncthreads();
    float sums[R][C] = {}, log_sum[R], delta[R];
#pragma unroll
    for (int r = 0; r < R; r++) {
        int i = first + warp * R + r;
        float product = 0;
        if (i < lq)
            for (int j = lane; j < d; j += 32)
                product += to_float(out[((i64)b * lq + i) * ldo + column + j]) * gradients[(warp * R + r) * pitch + j];
        delta[r] = warp_sum(product);
        log_sum[r] = i < lq ? log_sums[(i64)unit * lq + i] : -INFINITY;
        if (i < lq && lane == 0) deltas[(i64)unit * lq + i] = delta[r];
    }
    for (int start = 0; start < lk; start += 32) {
        __syncthreads();
        load_tile(keys, k + b * lk * ldk + column, ldk, start, 32, lk, d);
        load_tile(values, v + b * lk * ldv + column, ldv, start, 32, lk, d);
        __syncthreads();
        int j = start + lane;
        bool open = j < lk && (mask == 0 || mask[(i64)b * lk + j] != 0);
        float s[R], g[R];
        row_products(s, queries + warp * R * pitch, keys + lane * pitch, d);
        row_products(g, gradients + warp * R * pitch, values + lane * pitch, d);
        score_gradients(s, g, log_sum, delta, open, scale, p, random, (u64)unit * lq + first + warp * R, lk, j);
        add_weighted_rows(sums, s, keys, min(32, lk - start), d);
    }
#pragma unroll
    for (int r = 0; r < R; r++) {
        int i = first + warp * R + r;
        if (i < lq) store_row(dq + ((i64)b * lq + i) * lddq + column, sums[r], scale, d);
    }
}

template <int C>
DEVICE void dkv_any(const T *q, const T *k, const T *v, const u8 *mask, const float *log_sums, const T *dout, const float *deltas, T *dk,
                    T *dv, int heads, int lq, int lk, int d, i64 ldq, i64 ldk, i64 ldv, i64 lddo, i64 lddk, i64 lddv, float scale, float p,
                    dropout_seed seed) {
    const int R = 2;
    DYNAMIC_SHARED(float, shared);
    int pitch = tile_pitch(d), warp = threadIdx.x >> 5, lane = threadIdx.x & 31, tiles = (lk + 15) / 16;
    int first = blockIdx.x % tiles * 16, unit = blockIdx.x / tiles, b = unit / heads, column = unit % heads * d;
    float *keys = shared, *values = keys + 16 * pitch, *queries = values + 16 * pitch, *gradients = queries + 32 * pitch;
    random_keys random = {0, 0};
    if (p > 0) random = keys_of(seed);
    load_tile(keys, k + b * lk * ldk + column, ldk, first, 16, lk, d);
    load_tile(values, v + b * lk * ldv + column, ldv, first, 16, lk, d);
    float key_sums[R][C] = {}, value_sums[R][C] = {};
    bool open[R];
#pragma unroll
    for (int r = 0; r < R; r++) {
        int j = first + warp * R + r;
        open[r] = j < lk && (mask == 0 || mask[(i64)b * lk + j] != 0);
    }
    for (int start = 0; start < lq; start += 32) {
        __syncthreads();
        load_tile(queries, q + b * lq * ldq + column, ldq, start, 32, lq, d);
        load_tile(gradients, dout + b * lq * lddo + column, lddo, start, 32, lq, d);
        __syncthreads();
        int i = start + lane;
        float log_sum = i < lq ? log_sums[(i64)unit * lq + i] : -INFINITY, delta = i < lq ? deltas[(i64)unit * lq + i] : 0.0f;
        float s[R], g[R], dropped[R];
        row_products(s, keys + warp * R * pitch, queries + lane * pitch, d);
        row_products(g, values + warp * R * pitch, gradients + lane * pitch, d);
        key_score_gradients(s, g, dropped, log_sum, delta, open, scale, p, random, ((u64)unit * lq + i) * lk + first + warp * R);
        int rows = min(32, lq - start);
        add_weighted_rows(key_sums, s, queries, rows, d);
        add_weighted_rows(value_sums, dropped, gradients, rows, d);
    }
#pragma unroll
    for (int r = 0; r < R; r++) {
        int j = first + warp * R + r;
        if (j >= lk) break;
        store_row(dk + ((i64)b * lk + j) * lddk + column, key_sums[r], scale, d);
        store_row(dv + ((i64)b * lk + j) * lddv + column, value_sums[r], 1.0f, d);
    }
}

// Grid (ceil(Lq / 32) * B * heads), block 256, shared 96 * pitch * 4 bytes with pitch = ((d + 3) / 4 | 1) * 4.
#define FORWARD_ANY(C)                                                                                                                     \
    KERNEL_OF(256, attention_forward_any_##C, const T *q, const T *k, const T *v, const u8 *mask, T *out, float *log_sums, int heads,      \
              int lq, int lk, int d, i64 ldq, i64 ldk, i64 ldv, i64 ldo, float scale, float p, dropout_seed seed) {                        \
        forward_any<C>(q, k, v, mask, out, log_sums, heads, lq, lk, d, ldq, ldk, ldv, ldo, scale, p, seed);                                \
    }
FORWARD_ANY(2)
FORWARD_ANY(3)
FORWARD_ANY(6)
FORWARD_ANY(8)

// First: grid (ceil(Lq / 16) * B * heads), block 256, shared 96 * pitch * 4 bytes; scratch deltas float32 [B, heads, Lq].
#define DQ_ANY(C)                                                                                                                          \
    KERNEL_OF(256, attention_dq_any_##C, const T *q, const T *k, const T *v, const u8 *mask, const T *out, const float *log_sums,          \
              const T *dout, float *deltas, T *dq, int heads, int lq, int lk, int d, i64 ldq, i64 ldk, i64 ldv, i64 ldo, i64 lddo,         \
              i64 lddq, float scale, float p, dropout_seed seed) {                                                                         \
        dq_any<C>(q, k, v, mask, out, log_sums, dout, deltas, dq, heads, lq, lk, d, ldq, ldk, ldv, ldo, lddo, lddq, scale, p, seed);       \
    }
DQ_ANY(2)
DQ_ANY(3)
DQ_ANY(6)
DQ_ANY(8)

// Second: grid (ceil(Lk / 16) * B * heads), block 256, shared 96 * pitch * 4 bytes.
#define DKV_ANY(C)                                                                                                                         \
    KERNEL_OF(256, attention_dkv_any_##C, const T *q, const T *k, const T *v, const u8 *mask, const float *log_sums, const T *dout,        \
              const float *deltas, T *dk, T *dv, int heads, int lq, int lk, int d, i64 ldq, i64 ldk, i64 ldv, i64 lddo, i64 lddk,          \
              i64 lddv, float scale, float p, dropout_seed seed) {                                                                         \
        dkv_any<C>(q, k, v, mask, log_sums, dout, deltas, dk, dv, heads, lq, lk, d, ldq, ldk, ldv, lddo, lddk, lddv, scale, p, seed);      \
    }
DKV_ANY(2)
DKV_ANY(3)
DKV_ANY(6)
DKV_ANY(8)

// attention_*_wide: any d, for those above 256. A block owns a piece of 256 columns of what it computes, and sums the scores over all
// columns a piece at a time, so that registers and shared memory are those of d = 256.

/// Columns of a piece, and floats between the rows of its tiles at most.
const int WIDE_PIECE = 256, WIDE_PITCH = 260;

/// products[r] = row `first + warp R + r` of a times row `start + lane` of b, over all d columns; rows behind the limits count 0. Tiles:
/// 8 R + 32 rows of WIDE_PITCH.
template <int R>
DEVICE void wide_products(float (&products)[R], float *tiles, const T *a, i64 lda, int first, int a_limit, const T *b, i64 ldb, int start,
                          int b_limit, int d) {
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31;
    float *own = tiles, *others = tiles + 8 * R * WIDE_PITCH;
#pragma unroll
    for (int r = 0; r < R; r++) products[r] = 0;
    for (int column = 0; column < d; column += WIDE_PIECE) {
        int width = min(WIDE_PIECE, d - column), pitch = tile_pitch(width);
        __syncthreads();
        load_tile(own, a + column, lda, first, 8 * R, a_limit, width);
        load_tile(others, b + column, ldb, start, 32, b_limit, width);
        __syncthreads();
        float part[R];
        row_products(part, own + warp * R * pitch, others + lane * pitch, width);
#pragma unroll
        for (int r = 0; r < R; r++) products[r] += part[r];
    }
}

/// The tile of 32 rows of `from`, columns of one piece, loaded by all.
DEVICE void load_piece(float *tile, const T *from, i64 stride, int start, int limit, int width) {
    __syncthreads();
    load_tile(tile, from, stride, start, 32, limit, width);
    __syncthreads();
}

/// Grid (ceil(Lq / 32) * ceil(d / 256) * B * heads), block 256, shared 96 * 260 * 4 bytes.
KERNEL_OF(256, attention_forward_wide, const T *q, const T *k, const T *v, const u8 *mask, T *out, float *log_sums, int heads, int lq,
          int lk, int d, i64 ldq, i64 ldk, i64 ldv, i64 ldo, float scale, float p, dropout_seed seed) {
    const int R = 4, C = WIDE_PIECE / 32;
    DYNAMIC_SHARED(float, shared);
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, tiles = (lq + 31) / 32, pieces = (d + WIDE_PIECE - 1) / WIDE_PIECE;
    int first = blockIdx.x % tiles * 32, piece = blockIdx.x / tiles % pieces, unit = blockIdx.x / tiles / pieces;
    int b = unit / heads, column = unit % heads * d, width = min(WIDE_PIECE, d - piece * WIDE_PIECE);
    float *values = shared + 64 * WIDE_PITCH;
    random_keys random = {0, 0};
    if (p > 0) random = keys_of(seed);
    float sums[R][C] = {}, top[R], total[R];
#pragma unroll
    for (int r = 0; r < R; r++) top[r] = -INFINITY, total[r] = 0;
    for (int start = 0; start < lk; start += 32) {
        int j = start + lane;
        bool open = j < lk && (mask == 0 || mask[(i64)b * lk + j] != 0);
        float s[R];
        wide_products(s, shared, q + b * lq * ldq + column, ldq, first, lq, k + b * lk * ldk + column, ldk, start, lk, d);
        load_piece(values, v + b * lk * ldv + column + piece * WIDE_PIECE, ldv, start, lk, width);
        softmax_step(s, sums, top, total, open, scale, p, random, (u64)unit * lq + first + warp * R, lk, j);
        add_weighted_rows(sums, s, values, min(32, lk - start), width);
    }
#pragma unroll
    for (int r = 0; r < R; r++) {
        int i = first + warp * R + r;
        if (i >= lq) break;
        store_row(out + ((i64)b * lq + i) * ldo + column + piece * WIDE_PIECE, sums[r], total[r] > 0 ? 1.0f / total[r] : 0.0f, width);
        if (log_sums != 0 && lane == 0 && piece == 0) log_sums[(i64)unit * lq + i] = total[r] > 0 ? top[r] + logf(total[r]) : -INFINITY;
    }
}

/// Grid (ceil(Lq / 16) * ceil(d / 256) * B * heads), block 256, shared 96 * 260 * 4 bytes; scratch deltas float32 [B, heads, Lq].
KERNEL_OF(256, attention_dq_wide, const T *q, const T *k, const T *v, const u8 *mask, const T *out, const float *log_sums, const T *dout,
          float *deltas, T *dq, int heads, int lq, int lk, int d, i64 ldq, i64 ldk, i64 ldv, i64 ldo, i64 lddo, i64 lddq, float scale,
          float p, dropout_seed seed) {
    const int R = 2, C = WIDE_PIECE / 32;
    DYNAMIC_SHARED(float, shared);
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, tiles = (lq + 15) / 16, pieces = (d + WIDE_PIECE - 1) / WIDE_PIECE;
    int first = blockIdx.x % tiles * 16, piece = blockIdx.x / tiles % pieces, unit = blockIdx.x / tiles / pieces;
    int b = unit / heads, column = unit % heads * d, width = min(WIDE_PIECE, d - piece * WIDE_PIECE);
    float *keys = shared + 64 * WIDE_PITCH;
    random_keys random = {0, 0};
    if (p > 0) random = keys_of(seed);
    float sums[R][C] = {}, log_sum[R], delta[R];
#pragma unroll
    for (int r = 0; r < R; r++) {
        int i = first + warp * R + r;
        float product = 0;
        if (i < lq)
            for (int j = lane; j < d; j += 32)
                product += to_float(out[((i64)b * lq + i) * ldo + column + j]) * to_float(dout[((i64)b * lq + i) * lddo + column + j]);
        delta[r] = warp_sum(product);
        log_sum[r] = i < lq ? log_sums[(i64)unit * lq + i] : -INFINITY;
        if (i < lq && lane == 0 && piece == 0) deltas[(i64)unit * lq + i] = delta[r];
    }
    for (int start = 0; start < lk; start += 32) {
        int j = start + lane;
        bool open = j < lk && (mask == 0 || mask[(i64)b * lk + j] != 0);
        float s[R], g[R];
        wide_products(s, shared, q + b * lq * ldq + column, ldq, first, lq, k + b * lk * ldk + column, ldk, start, lk, d);
        wide_products(g, shared, dout + b * lq * lddo + column, lddo, first, lq, v + b * lk * ldv + column, ldv, start, lk, d);
        load_piece(keys, k + b * lk * ldk + column + piece * WIDE_PIECE, ldk, start, lk, width);
        score_gradients(s, g, log_sum, delta, open, scale, p, random, (u64)unit * lq + first + warp * R, lk, j);
        add_weighted_rows(sums, s, keys, min(32, lk - start), width);
    }
#pragma unroll
    for (int r = 0; r < R; r++) {
        int i = first + warp * R + r;
        if (i < lq) store_row(dq + ((i64)b * lq + i) * lddq + column + piece * WIDE_PIECE, sums[r], scale, width);
    }
}

/// Grid (ceil(Lk / 16) * ceil(d / 256) * B * heads), block 256, shared 96 * 260 * 4 bytes.
KERNEL_OF(256, attention_dkv_wide, const T *q, const T *k, const T *v, const u8 *mask, const float *log_sums, const T *dout,
          const float *deltas, T *dk, T *dv, int heads, int lq, int lk, int d, i64 ldq, i64 ldk, i64 ldv, i64 lddo, i64 lddk, i64 lddv,
          float scale, float p, dropout_seed seed) {
    const int R = 2, C = WIDE_PIECE / 32;
    DYNAMIC_SHARED(float, shared);
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, tiles = (lk + 15) / 16, pieces = (d + WIDE_PIECE - 1) / WIDE_PIECE;
    int first = blockIdx.x % tiles * 16, piece = blockIdx.x / tiles % pieces, unit = blockIdx.x / tiles / pieces;
    int b = unit / heads, column = unit % heads * d, width = min(WIDE_PIECE, d - piece * WIDE_PIECE);
    float *rows = shared + 64 * WIDE_PITCH;
    random_keys random = {0, 0};
    if (p > 0) random = keys_of(seed);
    float key_sums[R][C] = {}, value_sums[R][C] = {};
    bool open[R];
#pragma unroll
    for (int r = 0; r < R; r++) {
        int j = first + warp * R + r;
        open[r] = j < lk && (mask == 0 || mask[(i64)b * lk + j] != 0);
    }
    for (int start = 0; start < lq; start += 32) {
        int i = start + lane, count = min(32, lq - start);
        float log_sum = i < lq ? log_sums[(i64)unit * lq + i] : -INFINITY, delta = i < lq ? deltas[(i64)unit * lq + i] : 0.0f;
        float s[R], g[R], dropped[R];
        wide_products(s, shared, k + b * lk * ldk + column, ldk, first, lk, q + b * lq * ldq + column, ldq, start, lq, d);
        wide_products(g, shared, v + b * lk * ldv + column, ldv, first, lk, dout + b * lq * lddo + column, lddo, start, lq, d);
        key_score_gradients(s, g, dropped, log_sum, delta, open, scale, p, random, ((u64)unit * lq + i) * lk + first + warp * R);
        load_piece(rows, q + b * lq * ldq + column + piece * WIDE_PIECE, ldq, start, lq, width);
        add_weighted_rows(key_sums, s, rows, count, width);
        load_piece(rows, dout + b * lq * lddo + column + piece * WIDE_PIECE, lddo, start, lq, width);
        add_weighted_rows(value_sums, dropped, rows, count, width);
    }
#pragma unroll
    for (int r = 0; r < R; r++) {
        int j = first + warp * R + r;
        if (j >= lk) break;
        store_row(dk + ((i64)b * lk + j) * lddk + column + piece * WIDE_PIECE, key_sums[r], scale, width);
        store_row(dv + ((i64)b * lk + j) * lddv + column + piece * WIDE_PIECE, value_sums[r], 1.0f, width);
    }
}
