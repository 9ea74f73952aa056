// Attention as in attention.cu, for bf16 on tensor cores. Heads have D = 48, 64, 96 or 192 columns; scale > 0; every row of every matrix
// begins at a multiple of sixteen bytes; with dropout there are fewer than 2^32 scores. Products of bf16 are summed in float32, the softmax
// is computed in float32, and probabilities are rounded to bf16 for the products.
//
// 128 threads, 4 warps. A block owns rows of one side (queries; keys for dk and dv), a warp M times 16 of them. Tiles of rows of the other
// side go through two stages of shared memory: the next tile is copied while the current one is processed. Fragments as in
// multiply_matrices: a thread holds rows g and g + 8 of 16 x 8 results, columns 2 t and 2 t + 1. Rows in shared memory are D + 8 apart, so
// that eight of them begin in eight different groups of four banks.

/// Starts the copy of rows [first, first + COUNT) of D columns; rows from `limit` on are zeros.
template <int COUNT, int D> DEVICE void copy_rows(bf16 *tile, const bf16 *from, i64 stride, int first, int limit) {
    const int PIECES_OF_ROW = D / 8;
    shared_at to = shared_address(tile);
#pragma unroll
    for (int start = 0; start < COUNT * PIECES_OF_ROW; start += 128) {
        int at = start + threadIdx.x, row = at / PIECES_OF_ROW, column = at % PIECES_OF_ROW * 8;
        if (COUNT * PIECES_OF_ROW % 128 != 0 && at >= COUNT * PIECES_OF_ROW) break;
        copy_async(to + (row * (D + 8) + column) * 2, from + (first + row) * stride + column, first + row < limit);
    }
}

/// The lane's addresses for fragments of matrices in a tile with rows D + 8 apart, relative to its first element.
template <int D> struct tile_pointers {
    /// For a with the tile's rows and columns; for b whose columns are the tile's rows.
    shared_at rows, columns;

    DEVICE tile_pointers(const bf16 *tile) {
        int lane = threadIdx.x & 31;
        rows = shared_address(tile + lane % 16 * (D + 8) + lane / 16 * 8);
        columns = shared_address(tile + (lane % 8 + lane / 16 * 8) * (D + 8) + lane / 8 % 2 * 8);
    }
    /// a [16, 16] at (row, column).
    DEVICE void load(u32 (&a)[4], int row, int column) const { load_matrices(a, rows + (row * (D + 8) + column) * 2); }
    /// Loads b [16, 16]; its columns are the tile's rows from `row` on.
    DEVICE void load_columns(u32 (&b)[4], int row, int column) const { load_matrices(b, columns + (row * (D + 8) + column) * 2); }
    /// Loads b [16, 16] without a transpose.
    DEVICE void load_rows(u32 (&b)[4], int row, int column) const { load_matrices_transposed(b, rows + (row * (D + 8) + column) * 2); }
};

/// c[m] [16, 16] += a[m] b.
template <int M> DEVICE void multiply(float (&c)[M][2][4], const u32 (&a)[M][4], const u32 (&b)[4]) {
#pragma unroll
    for (int m = 0; m < M; m++) multiply_matrices(c[m][0], a[m], b[0], b[1]), multiply_matrices(c[m][1], a[m], b[2], b[3]);
}

/// Converts a result to the left factor of the next product.
DEVICE void pack_factor(u32 (&a)[4], const float (&c)[2][4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) a[i] = pack_halves(c[i / 2][i % 2 * 2], c[i / 2][i % 2 * 2 + 1]);
}

/// scores [M * 16, 16] += rows from `row` on of `left` times the transpose of rows from `other` on of `right`. With HELD, the left
/// fragments come from `held`.
template <int D, int M, bool HELD>
DEVICE void multiply_rows(float (&c)[M][2][4], const u32 (&held)[HELD ? D / 16 : 1][M][4], tile_pointers<D> left, int row,
                          tile_pointers<D> right, int other) {
#pragma unroll
    for (int k = 0; k < D / 16; k++) {
        u32 b[4];
        right.load_columns(b, other, k * 16);
        if (HELD)
            multiply(c, held[HELD ? k : 0], b);
        else {
            u32 a[M][4];
#pragma unroll
            for (int m = 0; m < M; m++) left.load(a[m], row + m * 16, k * 16);
            multiply(c, a, b);
        }
    }
}

template <int D, int M, bool HELD> DEVICE void hold(u32 (&held)[HELD ? D / 16 : 1][M][4], tile_pointers<D> tile, int row) {
    if (HELD)
#pragma unroll
        for (int k = 0; k < D / 16; k++)
#pragma unroll
            for (int m = 0; m < M; m++) tile.load(held[HELD ? k : 0][m], row + m * 16, k * 16);
}

/// sums [M * 16, N * 16] += factors [M * 16, 16] times rows of the tile from `row` on, its columns from `column` on.
template <int D, int M, int N>
DEVICE void multiply_factors(float (&sums)[N][M][2][4], const float (&factors)[M][2][4], tile_pointers<D> tile, int row, int column) {
    u32 a[M][4];
#pragma unroll
    for (int m = 0; m < M; m++) pack_factor(a[m], factors[m]);
#pragma unroll
    for (int n = 0; n < N; n++) {
        u32 b[4];
        tile.load_rows(b, row, column + n * 16);
        multiply(sums[n], a, b);
    }
}

/// Multiplies a warp's sums by one factor per row and stores them as rows from `first` on of `to` (not those from `limit` on). They pass
/// through the warp's M * 16 rows of a tile.
template <int D, int M, int N>
DEVICE void store_sums(bf16 *rows, const float (&sums)[N][M][2][4], const float (&factor)[M][2], bf16 *to, i64 stride, int first,
                       int limit) {
    int lane = threadIdx.x & 31, g = lane / 4, t = lane % 4;
    __syncwarp();
#pragma unroll
    for (int n = 0; n < N; n++)
#pragma unroll
        for (int m = 0; m < M; m++)
#pragma unroll
            for (int i = 0; i < 4; i++) {
                float f = factor[m][i % 2];
                u32 pair = pack_halves(sums[n][m][i / 2][i % 2 * 2] * f, sums[n][m][i / 2][i % 2 * 2 + 1] * f);
                *(u32 *)(rows + (m * 16 + g + i % 2 * 8) * (D + 8) + n * 16 + i / 2 * 8 + t * 2) = pair;
            }
    __syncwarp();
    for (int at = lane; at < M * 16 * N * 2; at += 32) {
        int row = at / (N * 2), column = at % (N * 2) * 8;
        if (first + row < limit)
            *(pack<u32, 4> *)(to + (first + row) * stride + column) = *(const pack<u32, 4> *)(rows + row * (D + 8) + column);
    }
}

/// The same decision as uniform_of(keys, index) >= p, for indexes below 2^32: compares the hash itself, as a whole multiple of 2^-24, with
/// p.
struct dropout_rule {
    random_keys keys;
    u32 limit;
    float kept;

    DEVICE dropout_rule(float p, dropout_seed seed) : keys{0, 0}, limit(0), kept(1) {
        if (p <= 0) return;
        keys = keys_of(seed);
        limit = p < 1 ? (u32)ceilf(p * 16777216.0f) << 8 : 0xffffffffu;
        kept = 1.0f / (1.0f - p);
    }
    DEVICE bool drops(u32 index) const { return hash_of(keys, index, 0) < limit; }
};

/// Whether the query may attend to key j.
DEVICE bool is_open(const u8 *mask, int j, int limit) { return j < limit && (mask == 0 || mask[j] != 0); }

const float LOG2_E = 1.44269504f, LN_2 = 0.693147181f;

// ---- forward

/// Steps of 32 keys: scores, online softmax (the sums are rescaled whenever a row's maximum rises), products with the values.
template <int D, int M, int KEYS>
DEVICE void attention_forward_halves(const bf16 *q, const bf16 *k, const bf16 *v, const u8 *mask, bf16 *out, float *log_sums, int heads,
                                     int lq, int lk, i64 ldq, i64 ldk, i64 ldv, i64 ldo, float scale, float p, dropout_seed seed) {
    const int ROWS = 64 * M, PITCH = D + 8;
    const bool HELD = D * M <= 96;
    DYNAMIC_SHARED(bf16, shared);
    int tiles = (lq + ROWS - 1) / ROWS, first = blockIdx.x % tiles * ROWS, unit = blockIdx.x / tiles, b = unit / heads,
        column = unit % heads * D;
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, g = lane / 4, t = lane % 4, own = warp * 16 * M;
    bf16 *stages = shared + ROWS * PITCH;
    q += b * lq * ldq + column, k += b * lk * ldk + column, v += b * lk * ldv + column;
    if (mask != 0) mask += (i64)b * lk;
    dropout_rule rule(p, seed);
    copy_rows<ROWS, D>(shared, q, ldq, first, lq);
    copy_rows<KEYS, D>(stages, k, ldk, 0, lk);
    copy_rows<KEYS, D>(stages + KEYS * PITCH, v, ldv, 0, lk);
    copies_close();
    tile_pointers<D> queries(shared);
    u32 held[HELD ? D / 16 : 1][M][4];
    float sums[D / 16][M][2][4] = {}, top[M][2], total[M][2], factor = scale * LOG2_E;
#pragma unroll
    for (int m = 0; m < M; m++) top[m][0] = top[m][1] = -INFINITY, total[m][0] = total[m][1] = 0;
    for (int start = 0; start < lk; start += KEYS) {
        bf16 *stage = stages + start / KEYS % 2 * 2 * KEYS * PITCH, *next = stages + (start / KEYS + 1) % 2 * 2 * KEYS * PITCH;
        if (start + KEYS < lk) {
            copy_rows<KEYS, D>(next, k, ldk, start + KEYS, lk);
            copy_rows<KEYS, D>(next + KEYS * PITCH, v, ldv, start + KEYS, lk);
        }
        copies_close();
        copies_wait<1>();
        __syncthreads();
        if (start == 0) hold<D, M, HELD>(held, queries, own);
        tile_pointers<D> keys(stage), values(stage + KEYS * PITCH);
        // Warps without rows take part in the copies only.
        for (int step = 0; step < KEYS && start + step < lk && first + own < lq; step += 32) {
            float s[2][M][2][4] = {};
            bool second = start + step + 16 < lk;
            multiply_rows<D, M, HELD>(s[0], held, queries, own, keys, step);
            if (second) multiply_rows<D, M, HELD>(s[1], held, queries, own, keys, step + 16);
            if (mask != 0 || start + step + 32 > lk)
#pragma unroll
                for (int i = 0; i < 8; i++) {
                    bool open = is_open(mask, start + step + i / 2 * 8 + t * 2 + i % 2, lk);
#pragma unroll
                    for (int m = 0; m < M; m++)
#pragma unroll
                        for (int h = 0; h < 2; h++)
                            if (!open) s[i / 4][m][i / 2 % 2][h * 2 + i % 2] = -INFINITY;
                }
            float shrink[M][2];
            bool shrinks = false;
#pragma unroll
            for (int m = 0; m < M; m++)
#pragma unroll
                for (int h = 0; h < 2; h++) {
                    float higher = -INFINITY;
#pragma unroll
                    for (int i = 0; i < 8; i++) higher = fmaxf(higher, s[i / 4][m][i / 2 % 2][h * 2 + i % 2]);
                    higher = fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 1));
                    higher = fmaxf(top[m][h], fmaxf(higher, __shfl_xor_sync(0xffffffffu, higher, 2)) * factor);
                    float base = higher == -INFINITY ? 0.0f : higher, sum = 0;
                    shrink[m][h] = power_of_two(top[m][h] - base);
                    shrinks = shrinks || higher != top[m][h];
                    top[m][h] = higher;
#pragma unroll
                    for (int i = 0; i < 8; i++) {
                        float &x = s[i / 4][m][i / 2 % 2][h * 2 + i % 2];
                        x = power_of_two(x * factor - base);
                        sum += x;
                    }
                    total[m][h] = total[m][h] * shrink[m][h] + sum;
                }
            if (p > 0)
#pragma unroll
                for (int m = 0; m < M; m++)
#pragma unroll
                    for (int h = 0; h < 2; h++) {
                        u32 row = ((u32)unit * lq + first + own + m * 16 + h * 8 + g) * lk + start + step + t * 2;
#pragma unroll
                        for (int i = 0; i < 8; i++)
                            if (rule.drops(row + i / 2 * 8 + i % 2)) s[i / 4][m][i / 2 % 2][h * 2 + i % 2] = 0;
                    }
            if (__any_sync(0xffffffffu, shrinks))
#pragma unroll
                for (int n = 0; n < D / 16; n++)
#pragma unroll
                    for (int m = 0; m < M; m++)
#pragma unroll
                        for (int i = 0; i < 8; i++) sums[n][m][i / 4][i % 4] *= shrink[m][i % 4 / 2];
            multiply_factors<D, M, D / 16>(sums, s[0], values, step, 0);
            if (second) multiply_factors<D, M, D / 16>(sums, s[1], values, step + 16, 0);
        }
        __syncthreads();
    }
    if (first + own >= lq) return;
#pragma unroll
    for (int m = 0; m < M; m++)
#pragma unroll
        for (int h = 0; h < 2; h++) {
            float sum = total[m][h] + __shfl_xor_sync(0xffffffffu, total[m][h], 1);
            sum += __shfl_xor_sync(0xffffffffu, sum, 2);
            int i = first + own + m * 16 + h * 8 + g;
            if (log_sums != 0 && t == 0 && i < lq) log_sums[(i64)unit * lq + i] = sum > 0 ? top[m][h] * LN_2 + logf(sum) : -INFINITY;
            total[m][h] = sum > 0 ? rule.kept / sum : 0.0f;
        }
    store_sums<D, M, D / 16>(shared + own * PITCH, sums, total, out + b * lq * ldo + column, ldo, first + own, lq);
}

// Grid (ceil(Lq / (64 * M)) * B * heads), block 128, shared (64 * M + 4 * KEYS) * (D + 8) * 2 bytes.
#define FORWARD_HALVES(D, M, KEYS)                                                                                                         \
    KERNEL_OF(128, attention_forward_##D, const bf16 *q, const bf16 *k, const bf16 *v, const u8 *mask, bf16 *out, float *log_sums,         \
              int heads, int lq, int lk, i64 ldq, i64 ldk, i64 ldv, i64 ldo, float scale, float p, dropout_seed seed) {                    \
        attention_forward_halves<D, M, KEYS>(q, k, v, mask, out, log_sums, heads, lq, lk, ldq, ldk, ldv, ldo, scale, p, seed);             \
    }
FORWARD_HALVES(48, 2, 64)
FORWARD_HALVES(64, 2, 64)
FORWARD_HALVES(96, 1, 64)
FORWARD_HALVES(192, 1, 32)

// ---- gradients

/// In place: a product of a query and a key becomes the gradient of the score before scaling, P (m G - delta), and G becomes m P. G is the
/// product of dout and a value, m the dropout factor.
template <bool DROPOUT>
DEVICE void score_gradient(float &score, float &gradient, bool open, float log_sum, float delta, float factor, const dropout_rule &rule,
                           u32 index) {
    float probability = open ? power_of_two(score * factor - log_sum) : 0.0f, kept = 1;
    if (DROPOUT) kept = rule.drops(index) ? 0.0f : rule.kept;
    score = probability * (gradient * kept - delta);
    gradient = probability * kept;
}

/// score_gradient of 16 queries (rows g and g + 8) and 16 keys; `index` belongs to row g and key 2 t, `below` is the step to row g + 8.
template <bool DROPOUT>
DEVICE void row_gradients(float (&s)[2][4], float (&r)[2][4], const bool (&open)[4], const float (&log_sum)[2], const float (&delta)[2],
                          float factor, const dropout_rule &rule, u32 index, u32 below) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
        int h = i % 4 / 2, n = i / 4, e = i % 2;
        score_gradient<DROPOUT>(s[n][i % 4], r[n][i % 4], open[n * 2 + e], log_sum[h], delta[h], factor, rule,
                                index + h * below + n * 8 + e);
    }
}

/// score_gradient of 16 keys (rows g and g + 8) and 16 queries, with the log-sums and deltas of the queries from 2 t on; `index` belongs to
/// query 2 t and key g.
template <bool DROPOUT>
DEVICE void column_gradients(float (&s)[2][4], float (&r)[2][4], const bool (&open)[2], const float *log_sums, const float *deltas,
                             float factor, const dropout_rule &rule, u32 index, u32 lk) {
#pragma unroll
    for (int n = 0; n < 2; n++) {
        float log_sum[2], delta[2];
        load<2>(log_sums + n * 8, log_sum);
        load<2>(deltas + n * 8, delta);
#pragma unroll
        for (int i = 0; i < 4; i++)
            score_gradient<DROPOUT>(s[n][i], r[n][i], open[i / 2], log_sum[i % 2], delta[i % 2], factor, rule,
                                    index + (n * 8 + i % 2) * lk + i / 2 * 8);
    }
}

/// Computes dq, and deltas [B, heads, Lq], the sums of dout out over a row. Steps of 16 keys.
template <int D, int M, int KEYS>
DEVICE void attention_dq_halves(const bf16 *q, const bf16 *k, const bf16 *v, const u8 *mask, const bf16 *out, const float *log_sums,
                                const bf16 *dout, float *deltas, bf16 *dq, int heads, int lq, int lk, i64 ldq, i64 ldk, i64 ldv, i64 ldo,
                                i64 lddo, i64 lddq, float scale, float p, dropout_seed seed) {
    const int ROWS = 64 * M, PITCH = D + 8;
    const bool HELD = D * M <= 96;
    DYNAMIC_SHARED(bf16, shared);
    int tiles = (lq + ROWS - 1) / ROWS, first = blockIdx.x % tiles * ROWS, unit = blockIdx.x / tiles, b = unit / heads,
        column = unit % heads * D;
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, g = lane / 4, t = lane % 4, own = warp * 16 * M;
    bf16 *others = shared + ROWS * PITCH, *stages = others + ROWS * PITCH;
    q += b * lq * ldq + column, k += b * lk * ldk + column, v += b * lk * ldv + column, out += b * lq * ldo + column,
        dout += b * lq * lddo + column;
    if (mask != 0) mask += (i64)b * lk;
    dropout_rule rule(p, seed);
    copy_rows<ROWS, D>(shared, q, ldq, first, lq);
    copy_rows<ROWS, D>(others, dout, lddo, first, lq);
    copy_rows<KEYS, D>(stages, k, ldk, 0, lk);
    copy_rows<KEYS, D>(stages + KEYS * PITCH, v, ldv, 0, lk);
    copies_close();

    // Two lanes per row.
    float delta[M][2], log_sum[M][2];
#pragma unroll
    for (int m = 0; m < M; m++) {
        int i = first + own + m * 16 + lane / 2;
        float sum = 0;
        if (i < lq)
            for (int j = lane % 2 * 8; j < D; j += 16) {
                float x[8], y[8];
                load<8>(out + i * ldo + j, x);
                load<8>(dout + i * lddo + j, y);
#pragma unroll
                for (int e = 0; e < 8; e++) sum += x[e] * y[e];
            }
        sum += __shfl_xor_sync(0xffffffffu, sum, 1);
        if (i < lq && lane % 2 == 0) deltas[(i64)unit * lq + i] = sum;
#pragma unroll
        for (int h = 0; h < 2; h++) {
            int row = first + own + m * 16 + h * 8 + g;
            delta[m][h] = __shfl_sync(0xffffffffu, sum, (h * 8 + g) * 2);
            float l = row < lq ? log_sums[(i64)unit * lq + row] : -INFINITY;
            log_sum[m][h] = l == -INFINITY ? INFINITY : l * LOG2_E;
        }
    }
    tile_pointers<D> queries(shared), gradients(others);
    u32 held[HELD ? D / 16 : 1][M][4], held_gradients[HELD ? D / 16 : 1][M][4];
    float sums[D / 16][M][2][4] = {};
    for (int start = 0; start < lk; start += KEYS) {
        bf16 *stage = stages + start / KEYS % 2 * 2 * KEYS * PITCH, *next = stages + (start / KEYS + 1) % 2 * 2 * KEYS * PITCH;
        if (start + KEYS < lk) {
            copy_rows<KEYS, D>(next, k, ldk, start + KEYS, lk);
            copy_rows<KEYS, D>(next + KEYS * PITCH, v, ldv, start + KEYS, lk);
        }
        copies_close();
        copies_wait<1>();
        __syncthreads();
        if (start == 0) {
            hold<D, M, HELD>(held, queries, own);
            hold<D, M, HELD>(held_gradients, gradients, own);
        }
        tile_pointers<D> keys(stage), values(stage + KEYS * PITCH);
        for (int step = 0; step < KEYS && start + step < lk && first + own < lq; step += 16) {
            float s[M][2][4] = {}, r[M][2][4] = {};
            multiply_rows<D, M, HELD>(s, held, queries, own, keys, step);
            multiply_rows<D, M, HELD>(r, held_gradients, gradients, own, values, step);
            bool all = mask == 0 && start + step + 16 <= lk;
            bool open[4];
#pragma unroll
            for (int i = 0; i < 4; i++) open[i] = all || is_open(mask, start + step + i / 2 * 8 + t * 2 + i % 2, lk);
#pragma unroll
            for (int m = 0; m < M; m++) {
                u32 index = ((u32)unit * lq + first + own + m * 16 + g) * lk + start + step + t * 2;
                if (p > 0)
                    row_gradients<true>(s[m], r[m], open, log_sum[m], delta[m], scale * LOG2_E, rule, index, lk * 8);
                else
                    row_gradients<false>(s[m], r[m], open, log_sum[m], delta[m], scale * LOG2_E, rule, index, lk * 8);
            }
            multiply_factors<D, M, D / 16>(sums, s, keys, step, 0);
        }
        __syncthreads();
    }
    if (first + own >= lq) return;
    float factor[M][2];
#pragma unroll
    for (int m = 0; m < M; m++) factor[m][0] = factor[m][1] = scale;
    store_sums<D, M, D / 16>(shared + own * PITCH, sums, factor, dq + b * lq * lddq + column, lddq, first + own, lq);
}

// First kernel. Grid (ceil(Lq / (64 * M)) * B * heads), block 128, shared (128 * M + 4 * KEYS) * (D + 8) * 2 bytes; scratch deltas float32
// [B, heads, Lq]. Three blocks per multiprocessor, 168 registers per thread.
#define THREE_BLOCKS 128, 3
#define DQ_HALVES(D, M, KEYS)                                                                                                              \
    KERNEL_OF(THREE_BLOCKS, attention_dq_##D, const bf16 *q, const bf16 *k, const bf16 *v, const u8 *mask, const bf16 *out,                \
              const float *log_sums, const bf16 *dout, float *deltas, bf16 *dq, int heads, int lq, int lk, i64 ldq, i64 ldk, i64 ldv,      \
              i64 ldo, i64 lddo, i64 lddq, float scale, float p, dropout_seed seed) {                                                      \
        attention_dq_halves<D, M, KEYS>(q, k, v, mask, out, log_sums, dout, deltas, dq, heads, lq, lk, ldq, ldk, ldv, ldo, lddo, lddq,     \
                                        scale, p, seed);                                                                                   \
    }
DQ_HALVES(48, 2, 64)
DQ_HALVES(64, 1, 64)
DQ_HALVES(96, 1, 32)
DQ_HALVES(192, 1, 16)

/// Computes dk and dv with everything transposed: the rows are keys, a step is 16 queries. A block sums D / PARTS columns.
template <int D, int QUERIES, int PARTS>
DEVICE void attention_dkv_halves(const bf16 *q, const bf16 *k, const bf16 *v, const u8 *mask, const float *log_sums, const bf16 *dout,
                                 const float *deltas, bf16 *dk, bf16 *dv, int heads, int lq, int lk, i64 ldq, i64 ldk, i64 ldv, i64 lddo,
                                 i64 lddk, i64 lddv, float scale, float p, dropout_seed seed) {
    const int ROWS = 64, PITCH = D + 8, N = D / PARTS / 16;
    const bool HELD = D <= 96;
    DYNAMIC_SHARED(bf16, shared);
    int tiles = (lk + ROWS - 1) / ROWS, part = blockIdx.x % PARTS * (D / PARTS), first = blockIdx.x / PARTS % tiles * ROWS;
    int unit = blockIdx.x / PARTS / tiles, b = unit / heads, column = unit % heads * D;
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, g = lane / 4, t = lane % 4, own = warp * 16;
    bf16 *others = shared + ROWS * PITCH, *stages = others + ROWS * PITCH;
    float *numbers = (float *)(stages + 4 * QUERIES * PITCH); // log-sums and deltas of a tile, in two stages
    q += b * lq * ldq + column, k += b * lk * ldk + column, v += b * lk * ldv + column, dout += b * lq * lddo + column;
    log_sums += (i64)unit * lq, deltas += (i64)unit * lq;
    dropout_rule rule(p, seed);
    auto copy_numbers = [&](float *to, int start) {
        int i = start + (int)threadIdx.x;
        if (threadIdx.x >= QUERIES) return;
        float l = i < lq ? log_sums[i] : -INFINITY;
        to[threadIdx.x] = l == -INFINITY ? INFINITY : l * LOG2_E;
        to[QUERIES + threadIdx.x] = i < lq ? deltas[i] : 0.0f;
    };
    copy_rows<ROWS, D>(shared, k, ldk, first, lk);
    copy_rows<ROWS, D>(others, v, ldv, first, lk);
    copy_rows<QUERIES, D>(stages, q, ldq, 0, lq);
    copy_rows<QUERIES, D>(stages + QUERIES * PITCH, dout, lddo, 0, lq);
    copies_close();
    copy_numbers(numbers, 0);
    bool open[2];
#pragma unroll
    for (int h = 0; h < 2; h++) open[h] = is_open(mask != 0 ? mask + (i64)b * lk : 0, first + own + h * 8 + g, lk);
    tile_pointers<D> keys(shared), values(others);
    u32 held[HELD ? D / 16 : 1][1][4], held_values[HELD ? D / 16 : 1][1][4];
    float key_sums[N][1][2][4] = {}, value_sums[N][1][2][4] = {};
    for (int start = 0; start < lq; start += QUERIES) {
        int turn = start / QUERIES % 2;
        bf16 *stage = stages + turn * 2 * QUERIES * PITCH, *next = stages + (1 - turn) * 2 * QUERIES * PITCH;
        if (start + QUERIES < lq) {
            copy_rows<QUERIES, D>(next, q, ldq, start + QUERIES, lq);
            copy_rows<QUERIES, D>(next + QUERIES * PITCH, dout, lddo, start + QUERIES, lq);
        }
        copies_close();
        copies_wait<1>();
        __syncthreads();
        if (start == 0) {
            hold<D, 1, HELD>(held, keys, own);
            hold<D, 1, HELD>(held_values, values, own);
        }
        tile_pointers<D> queries(stage), gradients(stage + QUERIES * PITCH);
        const float *logs = numbers + turn * 2 * QUERIES;
        for (int step = 0; step < QUERIES && start + step < lq && first + own < lk; step += 16) {
            float s[1][2][4] = {}, r[1][2][4] = {};
            multiply_rows<D, 1, HELD>(s, held, keys, own, queries, step);
            multiply_rows<D, 1, HELD>(r, held_values, values, own, gradients, step);
            u32 index = ((u32)unit * lq + start + step + t * 2) * lk + first + own + g;
            if (p > 0)
                column_gradients<true>(s[0], r[0], open, logs + step + t * 2, logs + QUERIES + step + t * 2, scale * LOG2_E, rule, index,
                                       lk);
            else
                column_gradients<false>(s[0], r[0], open, logs + step + t * 2, logs + QUERIES + step + t * 2, scale * LOG2_E, rule, index,
                                        lk);
            multiply_factors<D, 1, N>(value_sums, r, gradients, step, part);
            multiply_factors<D, 1, N>(key_sums, s, queries, step, part);
        }
        if (start + QUERIES < lq) copy_numbers(numbers + (1 - turn) * 2 * QUERIES, start + QUERIES);
        __syncthreads();
    }
    if (first + own >= lk) return;
    float scales[1][2] = {{scale, scale}}, ones[1][2] = {{1, 1}};
    store_sums<D, 1, N>(shared + own * PITCH, key_sums, scales, dk + b * lk * lddk + column + part, lddk, first + own, lk);
    store_sums<D, 1, N>(others + own * PITCH, value_sums, ones, dv + b * lk * lddv + column + part, lddv, first + own, lk);
}

// Second kernel. Grid (PARTS * ceil(Lk / 64) * B * heads), block 128, shared (128 + 4 * QUERIES) * (D + 8) * 2 + 16 * QUERIES bytes.
#define DKV_HALVES(D, QUERIES, PARTS)                                                                                                      \
    KERNEL_OF(128, attention_dkv_##D, const bf16 *q, const bf16 *k, const bf16 *v, const u8 *mask, const float *log_sums,                  \
              const bf16 *dout, const float *deltas, bf16 *dk, bf16 *dv, int heads, int lq, int lk, i64 ldq, i64 ldk, i64 ldv, i64 lddo,   \
              i64 lddk, i64 lddv, float scale, float p, dropout_seed seed) {                                                               \
        attention_dkv_halves<D, QUERIES, PARTS>(q, k, v, mask, log_sums, dout, deltas, dk, dv, heads, lq, lk, ldq, ldk, ldv, lddo, lddk,   \
                                                lddv, scale, p, seed);                                                                     \
    }
DKV_HALVES(48, 64, 1)
DKV_HALVES(64, 64, 1)
DKV_HALVES(96, 32, 1)
DKV_HALVES(192, 16, 2)
