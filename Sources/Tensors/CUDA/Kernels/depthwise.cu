// Depthwise k x k convolution, stride 1, padding k / 2, channels last; weight float32 [k*k, C], bias float32 [C] or null.
// The data gradient is the same convolution with the kernel rotated by 180 degrees (`flipped`) and no bias.
// For the weight gradient, P blocks write partial sums [P, k*k+1, C] (the bias's behind the taps') to scratch memory. They are added in the
// order of the blocks.

/// Any k, any C. Grid (ceil(B*H*W*C / 256)), block 256. One thread per output.
KERNEL_OF(256, depthwise_any, const T *x, const float *weight, const float *bias, T *y, i64 count, int h, int w, int c, int k,
          int flipped) {
    i64 at = (i64)blockIdx.x * 256 + threadIdx.x;
    if (at >= count) return;
    i64 pixel = at / c;
    int j = (int)(at - pixel * c), column = (int)(pixel % w), row = (int)(pixel / w % h), half = k / 2;
    const T *image = x + (pixel - (i64)row * w - column) * c + j;
    float sum = bias != 0 ? bias[j] : 0.0f;
    for (int ky = max(0, half - row); ky < min(k, h + half - row); ky++)
        for (int kx = max(0, half - column); kx < min(k, w + half - column); kx++) {
            int tap = ky * k + kx;
            if (flipped) tap = k * k - 1 - tap;
            sum += to_float(image[((i64)(row + ky - half) * w + column + kx - half) * c]) * weight[(i64)tap * c + j];
        }
    y[at] = from_float<T>(sum);
}

/// Any k, any C. Grid (P, ceil(C / 32), k*k+1), block (32, 8): a block sums one tap (the last one is the bias) for 32 channels over the
/// rows [B*H * p / P, B*H * (p + 1) / P), 8 columns at a time. partials [P, k*k+1, C].
KERNEL_OF(256, depthwise_weight_any, const T *x, const T *dy, float *partials, i64 rows, int h, int w, int c, int k) {
    __shared__ float sums[8][32];
    int j = blockIdx.y * 32 + threadIdx.x, tap = blockIdx.z, half = k / 2;
    int up = tap / k - half, across = tap % k - half;
    i64 first = rows * blockIdx.x / gridDim.x, last = rows * (blockIdx.x + 1) / gridDim.x;
    float sum = 0;
    if (j < c)
        for (i64 line = first; line < last; line++) {
            const T *d = dy + line * w * c + j;
            if (tap == k * k) {
                for (int column = threadIdx.y; column < w; column += 8) sum += to_float(d[(i64)column * c]);
                continue;
            }
            int row = (int)(line % h) + up;
            if (row < 0 || row >= h) continue;
            const T *from = x + ((line + up) * w + across) * c + j;
            for (int column = threadIdx.y; column < w; column += 8)
                if (column + across >= 0 && column + across < w) sum += to_float(d[(i64)column * c]) * to_float(from[(i64)column * c]);
        }
    sums[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y != 0 || j >= c) return;
    for (int i = 1; i < 8; i++) sum += sums[i][threadIdx.x];
    partials[((i64)blockIdx.x * (k * k + 1) + tap) * c + j] = sum;
}

/// dweight [count - C] and dbias [C] (or null) += the sums over P partials [P, count], count = (k*k+1) * C. Grid (ceil(count / 32)), block
/// (32, 16).
KERNEL_OF(512, depthwise_weight_sum, const float *partials, int p, int count, int c, float *dweight, float *dbias) {
    __shared__ float sums[16][32];
    int at = blockIdx.x * 32 + threadIdx.x;
    float sum = 0;
    if (at < count)
#pragma unroll 8
        for (int i = threadIdx.y; i < p; i += 16) sum += partials[(i64)i * count + at];
    sums[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y != 0 || at >= count) return;
    for (int i = 1; i < 16; i++) sum += sums[i][threadIdx.x];
    if (at < count - c)
        dweight[at] += sum;
    else if (dbias != 0)
        dbias[at - (count - c)] += sum;
}

// 7 x 7, any H and W, C a multiple of 32. Shared memory holds tiles of pixels with their borders, 32 channels each, in the format of
// activations. A unit of work is 16 lanes of 2 channels; a warp has two units. A pixel of a unit takes half the banks (bf16), and the two
// units of a warp read pixels an odd number of pixels apart, so that they have no bank conflicts. The limit of these kernels is the issue
// rate: 49 multiply-adds per element in one pipe, plus every load and unpacking of bf16. So each value that is read from shared memory must
// be used in many multiply-adds.

/// Loads two neighbouring channels of a pixel as floats with one access.
DEVICE void load_pair(const float *from, float (&to)[2]) { load<2>(from, to); }
DEVICE void load_pair(const bf16 *from, float (&to)[2]) {
    u32 both = *(const u32 *)from;
    to[0] = __uint_as_float(both << 16);
    to[1] = __uint_as_float(both & 0xffff0000u);
}

/// Number of sixteen-byte pieces in 32 channels.
const int PIECES = 32 * sizeof(T) / 16, PIECE = 16 / sizeof(T);

/// Starts the copy of IMAGES tiles of ROWS x COLUMNS pixels from (top, left) on, IMAGE pixels apart (pixels between tiles are zero). Pixels
/// outside an image, or behind the last image, are zero. `x` points to the first of the 32 channels of pixel (top, left), even if that lies
/// outside.
template <int THREADS, int IMAGES, int ROWS, int COLUMNS, int IMAGE>
DEVICE void copy_tile(T *tile, const T *x, int images, int top, int left, int h, int w, int c) {
    int slot = threadIdx.x / PIECES, piece = threadIdx.x % PIECES * PIECE;
    shared_at to = shared_address(tile + slot * 32 + piece);
    x += piece;
#pragma unroll
    for (int start = 0; start < IMAGES * IMAGE; start += THREADS / PIECES) {
        int at = start + slot, image = at / IMAGE, row = at % IMAGE / COLUMNS, column = at % IMAGE % COLUMNS;
        if (at >= IMAGES * IMAGE) break;
        bool valid = (unsigned)(top + row) < (unsigned)h && (unsigned)(left + column) < (unsigned)w;
        if (IMAGES > 1) valid = valid && image < images;
        if (IMAGE > ROWS * COLUMNS) valid = valid && row < ROWS;
        copy_async(to + start * 32 * sizeof(T), x + ((image * h + row) * w + column) * c, valid);
    }
}

/// One input row that is used for two output rows: adds its products with the taps of the matching kernel row to the upper output row
/// (UPPER) and to the lower one (LOWER).
template <bool UPPER, bool LOWER>
DEVICE void depthwise_row(float (&upper)[7][2], float (&lower)[7][2], const T *row, const float (&upper_taps)[7][2],
                          const float (&lower_taps)[7][2]) {
#pragma unroll
    for (int i = 0; i < 13; i++) {
        float x[2];
        load_pair(row + i * 32, x);
#pragma unroll
        for (int t = 0; t < 7; t++)
            if (i - t >= 0 && i - t < 7)
#pragma unroll
                for (int j = 0; j < 2; j++) {
                    if (UPPER) upper[i - t][j] += x[j] * upper_taps[t][j];
                    if (LOWER) lower[i - t][j] += x[j] * lower_taps[t][j];
                }
    }
}

DEVICE void load_taps(const float *from, float (&taps)[7][2]) {
#pragma unroll
    for (int t = 0; t < 7; t++) load<2>(from + t * 32, taps[t]);
}

/// A unit computes 2 rows of 7 outputs, 2 channels per thread: 104 loads of pixels, 49 of taps and 208 unpackings for 1372 multiply-adds
/// (about 80 registers: 28 sums, 28 taps).
template <int SEVENS, int PAIRS, int IMAGES>
DEVICE void depthwise7(const T *x, const float *weight, const float *bias, T *y, int batch, int h, int w, int c, int flipped) {
    const int ROWS = 2 * PAIRS, COLUMNS = 7 * SEVENS, PITCH = COLUMNS + 6, IMAGE = (ROWS + 6) * PITCH | 1,
              THREADS = 16 * SEVENS * PAIRS * IMAGES;
    DYNAMIC_SHARED(float, shared);
    float *taps = shared;
    T *tile = (T *)(shared + 49 * 32);
    int groups = c / 32, group = blockIdx.x % groups, across = (w + COLUMNS - 1) / COLUMNS, down = (h + ROWS - 1) / ROWS;
    int number = blockIdx.x / groups, left = number % across * COLUMNS, top = number / across % down * ROWS,
        first = number / (across * down) * IMAGES;
    int part = threadIdx.x / 16 % (SEVENS * IMAGES), pair = threadIdx.x / 16 / (SEVENS * IMAGES), seven = part % SEVENS,
        image = part / SEVENS;
    int channel = threadIdx.x % 16 * 2;
    const T *from_x = x + (((i64)first * h + top - 3) * w + left - 3) * c + group * 32;
    copy_tile<THREADS, IMAGES, ROWS + 6, PITCH, IMAGE>(tile, from_x, batch - first, top - 3, left - 3, h, w, c);
    copies_close();
    for (int i = threadIdx.x; i < 49 * 32; i += THREADS) {
        int tap = i / 32;
        taps[i] = weight[(i64)(flipped ? 48 - tap : tap) * c + group * 32 + i % 32];
    }
    float sums[2][7][2], start[2] = {0, 0};
    if (bias != 0) load<2>(bias + group * 32 + channel, start);
#pragma unroll
    for (int i = 0; i < 7; i++)
#pragma unroll
        for (int j = 0; j < 2; j++) sums[0][i][j] = sums[1][i][j] = start[j];
    copies_wait<0>();
    __syncthreads();

    const T *row = tile + (image * IMAGE + pair * 2 * PITCH + seven * 7) * 32 + channel;
    const float *from = taps + channel;
    float even[7][2], odd[7][2];
    load_taps(from, even);
    depthwise_row<true, false>(sums[0], sums[1], row, even, even);
#pragma unroll 1
    for (int ky = 1; ky < 7; ky += 2) {
        load_taps(from + ky * 7 * 32, odd);
        depthwise_row<true, true>(sums[0], sums[1], row + ky * PITCH * 32, odd, even);
        load_taps(from + (ky + 1) * 7 * 32, even);
        depthwise_row<true, true>(sums[0], sums[1], row + (ky + 1) * PITCH * 32, even, odd);
    }
    depthwise_row<false, true>(sums[0], sums[1], row + 7 * PITCH * 32, even, even);

    if (first + image >= batch) return;
#pragma unroll
    for (int r = 0; r < 2; r++) {
        int at = top + pair * 2 + r;
        if (at >= h) break;
        T *to = y + (((i64)(first + image) * h + at) * w + left + seven * 7) * c + group * 32 + channel;
#pragma unroll
        for (int i = 0; i < 7; i++)
            if (left + seven * 7 + i < w) store<2>(to + (i64)i * c, sums[r][i]);
    }
}

// Grid (C / 32 * tiles). depthwise7_large: ceil(H / 14) * ceil(W / 14) * B tiles of 14 x 14 outputs, block 224, shared 6272 + 401 * 32 *
// sizeof(T) bytes (32 KB for bf16: three blocks per multiprocessor). depthwise7_small, for H up to 8 and W up to 7: ceil(B / 4) tiles of
// four images, block 256, shared 6272 + 4 * 183 * 32 * sizeof(T) bytes.
#define LARGE_BOUNDS 224, 3
#define SMALL_BOUNDS 256, 2
KERNEL_OF(LARGE_BOUNDS, depthwise7_large, const T *x, const float *weight, const float *bias, T *y, int batch, int h, int w, int c,
          int flipped) {
    depthwise7<2, 7, 1>(x, weight, bias, y, batch, h, w, c, flipped);
}
KERNEL_OF(SMALL_BOUNDS, depthwise7_small, const T *x, const float *weight, const float *bias, T *y, int batch, int h, int w, int c,
          int flipped) {
    depthwise7<1, 4, 4>(x, weight, bias, y, batch, h, w, c, flipped);
}

/// The weight gradient. A unit owns one row of x of a tile and keeps all 49 sums of its 2 channels per thread in registers (98 of 168). For
/// each pixel along the row, one new x and the dy of the 7 rows around it give 98 multiply-adds for 8 loads and 16 unpackings. x has a
/// border left and right, dy above and below; rows one pixel longer than that make pitches odd. Blocks walk over the tiles p, p + P, ...;
/// with bf16 the next tile is copied meanwhile. At the end the sums of the units are added in order.
template <int SEVENS, int ROWS, int IMAGES>
DEVICE void depthwise7_weight(const T *x, const T *dy, float *partials, int batch, int h, int w, int c) {
    const int THREADS = 16 * ROWS * IMAGES, WARPS = THREADS / 32, COLUMNS = 7 * SEVENS, STAGES = sizeof(T) == 2 ? 2 : 1;
    const int X_PITCH = COLUMNS + 6 | 1, Y_PITCH = COLUMNS | 1, X_IMAGE = ROWS * X_PITCH, Y_IMAGE = (ROWS + 6) * Y_PITCH;
    const int X_TILE = IMAGES * X_IMAGE * 32, STAGE = X_TILE + IMAGES * Y_IMAGE * 32;
    DYNAMIC_SHARED(T, stages);
    int groups = c / 32, group = blockIdx.x % groups, across = (w + COLUMNS - 1) / COLUMNS, down = (h + ROWS - 1) / ROWS;
    int count = (batch + IMAGES - 1) / IMAGES * across * down, step = gridDim.x / groups, channel = threadIdx.x % 16 * 2;
    int image = threadIdx.x / 16 / ROWS, row = threadIdx.x / 16 % ROWS;
    float sums[7][7][2] = {}, bias[2] = {0, 0};

    auto copy = [&](int number) {
        T *stage = stages + number / step % STAGES * STAGE;
        int left = number % across * COLUMNS, top = number / across % down * ROWS, first = number / (across * down) * IMAGES;
        i64 from = (((i64)first * h + top) * w + left) * c + group * 32;
        copy_tile<THREADS, IMAGES, ROWS, X_PITCH, X_IMAGE>(stage, x + from - 3 * c, batch - first, top, left - 3, h, w, c);
        copy_tile<THREADS, IMAGES, ROWS + 6, Y_PITCH, Y_IMAGE>(stage + X_TILE, dy + from - 3 * w * c, batch - first, top - 3, left, h, w,
                                                               c);
    };
    int number = blockIdx.x / groups;
    if (STAGES == 2 && number < count) copy(number);
    copies_close();
    for (; number < count; number += step) {
        int ahead = STAGES == 2 ? number + step : number;
        if (ahead < count) copy(ahead);
        copies_close();
        copies_wait<STAGES - 1>();
        __syncthreads();
        const T *stage = stages + number / step % STAGES * STAGE;
        const T *from_x = stage + (image * X_IMAGE + row * X_PITCH) * 32 + channel;
        const T *from_y = stage + X_TILE + (image * Y_IMAGE + row * Y_PITCH) * 32 + channel;
        float window[7][2]; // x of column q is in slot q % 7
#pragma unroll
        for (int i = 0; i < 6; i++) load_pair(from_x + i * 32, window[i]);
#pragma unroll
        for (int seven = 0; seven < SEVENS; seven++) {
#pragma unroll
            for (int i = 0; i < 7; i++) {
                load_pair(from_x + (i + 6) * 32, window[(i + 6) % 7]);
#pragma unroll
                for (int ky = 0; ky < 7; ky++) {
                    float d[2];
                    load_pair(from_y + ((6 - ky) * Y_PITCH + i) * 32, d);
#pragma unroll
                    for (int kx = 0; kx < 7; kx++)
#pragma unroll
                        for (int j = 0; j < 2; j++) sums[ky][kx][j] += window[(i + kx) % 7][j] * d[j];
                    if (ky == 3) bias[0] += d[0], bias[1] += d[1];
                }
            }
            from_x += 7 * 32;
            from_y += 7 * 32;
        }
        __syncthreads();
    }

    // Adds the units of a warp, then the warps: [WARPS, 50, 32] in the memory of the tiles.
    float *all = (float *)stages;
    int warp = threadIdx.x / 32;
#pragma unroll
    for (int tap = 0; tap < 50; tap++) {
        float both[2];
#pragma unroll
        for (int j = 0; j < 2; j++) {
            float sum = tap < 49 ? sums[tap / 7 % 7][tap % 7][j] : bias[j];
            both[j] = sum + __shfl_xor_sync(0xffffffffu, sum, 16);
        }
        if (threadIdx.x % 32 < 16) store<2>(all + (warp * 50 + tap) * 32 + channel, both);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < 50 * 32; i += THREADS) {
        float sum = 0;
#pragma unroll
        for (int k = 0; k < WARPS; k++) sum += all[k * 50 * 32 + i];
        partials[((i64)(blockIdx.x / groups) * 50 + i / 32) * c + group * 32 + i % 32] = sum;
    }
}

// Grid (C / 32 * P), block 128, partials [P, 50, C]; P about 3 * multiprocessors / (C / 32), at most the number of tiles.
// depthwise7_weight_large: ceil(H / 8) * ceil(W / 14) * B tiles of 8 x 14; shared 378 * 128 bytes (three blocks per multiprocessor).
// depthwise7_weight_small, for H up to 8 and W up to 7: one tile per image; shared 202 * 128 bytes.
#define WEIGHT_BOUNDS 128, 3
KERNEL_OF(WEIGHT_BOUNDS, depthwise7_weight_large, const T *x, const T *dy, float *partials, int batch, int h, int w, int c) {
    depthwise7_weight<2, 8, 1>(x, dy, partials, batch, h, w, c);
}
KERNEL_OF(WEIGHT_BOUNDS, depthwise7_weight_small, const T *x, const T *dy, float *partials, int batch, int h, int w, int c) {
    depthwise7_weight<1, 8, 1>(x, dy, partials, batch, h, w, c);
}
