// Depthwise 7 x 7 convolution for bf16 on tensor cores. C is a multiple of 32; taps are rounded to bf16 like other layers' weights.
//
// For one channel, eight neighbouring outputs of a row are the 16 inputs around them times a banded matrix [16, 8] of the kernel row's
// taps, summed over the kernel's 7 rows. With 16 rows of outputs at a time this is multiply_matrices; nearly half of its products are with
// taps and the rest with zeros. (So an infinite input makes eight outputs infinite or NaN, not seven.) The method needs one plane per
// channel. Tiles are copied with 32 channels per pixel, transposed in shared memory by load_matrices_transposed, multiplied, reassembled in
// shared memory and written with the channels last.
//
// 512 threads, 16 warps of 2 channels each; the banded matrices stay in registers. Blocks walk over tiles; the next tile is copied
// meanwhile. A tile of 14 x 14 outputs takes 16 x 340 instructions; multiply-adds would take 7 x 2050 (depthwise.cu). Memory reads and
// writes are the limit.

template <bool SMALL> struct plane_tile {
    // A large tile is 14 x 14 outputs of one image; a small one is 7 x 7 of two images (one in each half of the 16 rows of a product).
    static const int IMAGES = SMALL ? 2 : 1, ROWS = SMALL ? 7 : 14, COLUMNS = ROWS, EIGHTS = SMALL ? 1 : 2;
    // Inputs with their borders, then pixels that are read as the end of the last line and multiplied by zero.
    static const int HEIGHT = ROWS + 6, WIDTH = COLUMNS + 6, LINES = IMAGES * HEIGHT, PAD = 8, STAGE = (LINES * WIDTH + PAD) * 64;
    // Planes have lines of 24 pixels (48 bytes: eight lines begin in eight groups of four banks). The second half of a product begins HALF
    // lines after the first. The distance from channel to channel is an odd number of four words.
    static const int HALF = SMALL ? HEIGHT : 8, PLANE = (SMALL ? 324 : 268) * 4, PLANES = 32 * PLANE;
    // The distance between rows of outputs is an odd number of pixels.
    static const int PITCH = SMALL ? 7 : 15, OUTPUTS = (SMALL ? 16 : 14) * PITCH * 64;
    static const int SHARED = 2 * STAGE + PLANES + OUTPUTS;
    // Lines that the block copies, transposes or writes at a time; a thread's addresses then differ by constants from one time to the next.
    static const int COPIED = SMALL ? 8 : 6, TRANSPOSED = SMALL ? 8 : 5, WRITTEN = SMALL ? 14 : 9;
};

/// The address of piece `piece` of sixteen bytes of a pixel with 32 channels: eight neighbours in a row have it in eight different groups
/// of four banks.
DEVICE int place_of_piece(int pixel, int column, int piece) { return pixel * 64 + (piece ^ (column >> 1 & 3)) * 16; }

/// A tile by its number: column, row and image of its first output. `advance` moves it by a step, which is made from a number too.
struct tile_place {
    int column, row, image;

    DEVICE tile_place(int number, int across, int down)
        : column(number % across), row(number / across % down), image(number / across / down) {}
    DEVICE void advance(tile_place step, int across, int down) {
        column += step.column, row += step.row, image += step.image;
        if (column >= across) column -= across, row++;
        if (row >= down) row -= down, image++;
    }
};

/// A pair of taps of a column of the banded matrix: kernel columns `kx` and `kx` + 1.
DEVICE u32 pair_of_taps(const float *weight, int ky, int kx, int channel, int c, int flipped) {
    float tap[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
        int at = ky * 7 + kx + i;
        tap[i] = (unsigned)(kx + i) < 7 ? weight[(i64)(flipped ? 48 - at : at) * c + channel] : 0.0f;
    }
    return pack_halves(tap[0], tap[1]);
}

template <bool SMALL>
DEVICE void depthwise7_planes(const bf16 *x, const float *weight, const float *bias, bf16 *y, int batch, int h, int w, int c, int flipped) {
    typedef plane_tile<SMALL> tile;
    DYNAMIC_SHARED(u8, shared);
    u8 *planes = shared + 2 * tile::STAGE, *outputs = planes + tile::PLANES;
    int line_size = w * c, groups = c / 32, group = blockIdx.x % groups, step = gridDim.x / groups;
    int across = (w + tile::COLUMNS - 1) / tile::COLUMNS, down = (h + tile::ROWS - 1) / tile::ROWS;
    int count = (batch + tile::IMAGES - 1) / tile::IMAGES * across * down;
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, g = lane / 4, t = lane % 4;
    x += group * 32, y += group * 32;

    u32 band[2][7][2];
    float start[2];
#pragma unroll
    for (int j = 0; j < 2; j++) {
        int channel = group * 32 + warp * 2 + j;
        start[j] = bias != 0 ? bias[channel] : 0.0f;
#pragma unroll
        for (int ky = 0; ky < 7; ky++)
#pragma unroll
            for (int i = 0; i < 2; i++) band[j][ky][i] = pair_of_taps(weight, ky, t * 2 + i * 8 - g, channel, c, flipped);
    }
    if (threadIdx.x < tile::PAD * 8) {
        int at = tile::LINES * tile::WIDTH * 64 + threadIdx.x % (tile::PAD * 4) * 16;
        *(pack<u32, 4> *)(shared + threadIdx.x / (tile::PAD * 4) * tile::STAGE + at) = pack<u32, 4>();
    }

    int copied_line = threadIdx.x / 4 / tile::WIDTH, copied_column = threadIdx.x / 4 % tile::WIDTH, piece = threadIdx.x % 4;
    shared_at copied = shared_address(shared + place_of_piece(threadIdx.x / 4, copied_column, piece));
    auto copy = [&](tile_place at, int stage) {
        int left = at.column * tile::COLUMNS + copied_column - 3, top = at.row * tile::ROWS - 3, first = at.image * tile::IMAGES;
        bool valid = (unsigned)left < (unsigned)w;
        const bf16 *from = x + (((i64)first * h + top + copied_line) * w + left) * c + piece * 8;
#pragma unroll
        for (int begin = 0; begin < tile::LINES; begin += tile::COPIED) {
            int line = begin + copied_line, image = SMALL && line >= tile::HEIGHT, row = top + line - image * tile::HEIGHT;
            if (copied_line < tile::COPIED && line < tile::LINES)
                copy_async(copied + stage * tile::STAGE + begin * tile::WIDTH * 64, from + (begin + image * (h - tile::HEIGHT)) * line_size,
                           valid && (unsigned)row < (unsigned)h && (!SMALL || first + image < batch));
        }
    };

    // The addresses of this lane: the pixels of a stage that it reads and the words of planes that it makes of them; the rows of planes of
    // the first channel and the last columns of both channels; the outputs that it writes and reads.
    int line = warp / (tile::EIGHTS + 1), eight = warp % (tile::EIGHTS + 1);
    shared_at pixels = shared_address(shared + place_of_piece(line * tile::WIDTH + eight * 8 + lane % 8, lane % 8, lane / 8));
    u8 *made = planes + g * tile::PLANE + line * 48 + eight * 16 + t * 4;
    shared_at products = shared_address(planes + warp * 2 * tile::PLANE + (lane / 8 % 2 * tile::HALF + lane % 8) * 48 + lane / 16 * 16);
    shared_at remains = shared_address(planes + (warp * 2 + lane / 16) * tile::PLANE + (lane / 8 % 2 * tile::HALF + lane % 8) * 48 + 32);
    u8 *put = outputs + place_of_piece(g * tile::PITCH + t * 2, t * 2, warp / 4) + warp % 4 * 4;
    int written_line = threadIdx.x / 4 / tile::COLUMNS, written_column = threadIdx.x / 4 % tile::COLUMNS;
    int number = blockIdx.x / groups, stage = 0;
    tile_place place(number, across, down), next = place, ahead(step, across, down);
    if (number < count) copy(place, 0);
    copies_close();
    for (; number < count; number += step, stage ^= 1, place = next) {
        next.advance(ahead, across, down);
        if (number + step < count) copy(next, stage ^ 1);
        copies_close();
        copies_wait<1>();
        __syncthreads();

        // Makes planes: eight pixels of 32 channels at a time.
        if (line < tile::TRANSPOSED)
#pragma unroll
            for (int begin = 0; begin < tile::LINES; begin += tile::TRANSPOSED) {
                if (tile::LINES % tile::TRANSPOSED != 0 && begin + line >= tile::LINES) break;
                u32 pairs[4];
                load_matrices_transposed(pairs, pixels + stage * tile::STAGE + begin * tile::WIDTH * 64);
#pragma unroll
                for (int i = 0; i < 4; i++) *(u32 *)(made + i * 8 * tile::PLANE + begin * 48) = pairs[i];
            }
        __syncthreads();

        float sums[2][tile::EIGHTS][4];
#pragma unroll
        for (int j = 0; j < 2; j++)
#pragma unroll
            for (int e = 0; e < tile::EIGHTS; e++)
#pragma unroll
                for (int i = 0; i < 4; i++) sums[j][e][i] = start[j];
#pragma unroll
        for (int ky = 0; ky < 7; ky++) {
            u32 a[2][4];
#pragma unroll
            for (int j = 0; j < 2; j++) {
                load_matrices(a[j], products + j * tile::PLANE + ky * 48);
                multiply_matrices(sums[j][0], a[j], band[j][ky][0], band[j][ky][1]);
            }
            if (tile::EIGHTS == 2) {
                u32 more[4];
                load_matrices(more, remains + ky * 48);
#pragma unroll
                for (int j = 0; j < 2; j++) {
                    u32 next[4] = {a[j][2], a[j][3], more[j * 2], more[j * 2 + 1]};
                    multiply_matrices(sums[j][tile::EIGHTS - 1], next, band[j][ky][0], band[j][ky][1]);
                }
            }
        }
#pragma unroll
        for (int e = 0; e < tile::EIGHTS; e++)
#pragma unroll
            for (int i = 0; i < 4; i++) {
                int column = e * 8 + t * 2 + i % 2, row = g + i / 2 * 8;
                if (column < tile::COLUMNS && row < (SMALL ? 16 : tile::ROWS))
                    *(u32 *)(put + (i / 2 * 8 * tile::PITCH + e * 8 + i % 2) * 64) = pack_halves(sums[0][e][i], sums[1][e][i]);
            }
        __syncthreads();

        int left = place.column * tile::COLUMNS + written_column, top = place.row * tile::ROWS, first = place.image * tile::IMAGES;
        bf16 *to = y + (((i64)first * h + top + written_line) * w + left) * c + piece * 8;
        const u8 *taken = outputs + place_of_piece(written_line * tile::PITCH + written_column, written_column, piece);
#pragma unroll
        for (int begin = 0; begin < tile::IMAGES * tile::ROWS; begin += tile::WRITTEN) {
            int at = begin + written_line, image = SMALL && at >= tile::ROWS, row = at - image * tile::ROWS;
            if (written_line < tile::WRITTEN && at < tile::IMAGES * tile::ROWS && left < w && top + row < h &&
                (!SMALL || first + image < batch))
                *(pack<u32, 4> *)(to + (begin + image * (h - tile::ROWS)) * line_size) =
                    *(const pack<u32, 4> *)(taken + (begin + image) * tile::PITCH * 64);
        }
    }
}

// Grid (C / 32 * P), block 512; P about 2 * multiprocessors / (C / 32), at most the number of tiles.
// depthwise7_planes_large: ceil(H / 14) * ceil(W / 14) * B tiles, shared 99968 bytes; depthwise7_planes_small, for H and W up to 7: ceil(B
// / 2) tiles, shared 92928 bytes.
#define PLANES_BOUNDS 512, 2
KERNEL_OF(PLANES_BOUNDS, depthwise7_planes_large, const bf16 *x, const float *weight, const float *bias, bf16 *y, int batch, int h, int w,
          int c, int flipped) {
    depthwise7_planes<false>(x, weight, bias, y, batch, h, w, c, flipped);
}
KERNEL_OF(PLANES_BOUNDS, depthwise7_planes_small, const bf16 *x, const float *weight, const float *bias, bf16 *y, int batch, int h, int w,
          int c, int flipped) {
    depthwise7_planes<true>(x, weight, bias, y, batch, h, w, c, flipped);
}
static_assert(plane_tile<false>::SHARED == 99968 && plane_tile<true>::SHARED == 92928, "shared memory as launched");

// ---- the weight gradient
//
// For one channel, dweight(ky, kx) is the sum over rows r and columns q of dy(r, q) x(r + ky - 3, q + kx - 3). These are products of 16
// columns of rows i and i + 1 of x, each shifted by kx = 0 to 6, with rows i - 3 to i + 4 of dy: [2 * 8, 16] times [16, 8], which is
// multiply_matrices with three quarters of its results in use. Row kx of the first half and column n are tap (6 - n, kx), of the second
// half tap (7 - n, kx). Ones take the place of a shift by 7, so that the products also give the sums of dy. A pair of neighbours that
// begins at an odd column is not an aligned word, so there are two planes of x; the second one begins at column 1.
//
// 256 threads, 8 warps of 2 channels each; stages as above with 16 channels per pixel.

template <bool SMALL> struct sum_tile {
    // A large tile is 14 rows of x and 16 columns of dy; a small one is 8 x 8 of two images (one in each half of the 16 columns of a
    // product).
    static const int IMAGES = SMALL ? 2 : 1, ROWS = SMALL ? 8 : 14, COLUMNS = SMALL ? 8 : 16;
    static const int X_WIDTH = COLUMNS + 6, X_LINES = IMAGES * ROWS, Y_HEIGHT = ROWS + 6, Y_LINES = IMAGES * Y_HEIGHT;
    // The end of the last line of x is read together with the pixels behind it; only shifts by 7 use those.
    static const int X_STAGE = (X_LINES * X_WIDTH + 8) * 32, STAGE = X_STAGE + Y_LINES * COLUMNS * 32;
    static const int X_COPIED = 128 / X_WIDTH, Y_COPIED = 128 / COLUMNS;
    // A channel's planes, in bytes: x, x from column 1 on (eight banks away), dy. The distance between channels is an odd number of four
    // words.
    static const int X_LINE = SMALL ? 32 : 48, Y_LINE = SMALL ? 16 : 48, ODD = SMALL ? 136 * 4 : 168 * 4, Y = SMALL ? 264 * 4 : 336 * 4;
    static const int PLANE = SMALL ? 380 * 4 : 580 * 4, PLANES = 16 * PLANE;
    // The distance from the first to the second half of a product's columns.
    static const int X_HALF = SMALL ? ROWS * X_LINE : 16, Y_HALF = SMALL ? Y_HEIGHT * Y_LINE : 16;
    static const int EIGHTS = SMALL ? 2 : 3, TRANSPOSED = 6 / EIGHTS;
    static const int SHARED = 2 * STAGE + PLANES;
};

/// Like place_of_piece, with 16 channels per pixel.
DEVICE int place_of_half(int pixel, int column, int piece) { return pixel * 32 + (piece ^ (column >> 2 & 1)) * 16; }

template <bool SMALL> DEVICE void depthwise7_sums(const bf16 *x, const bf16 *dy, float *partials, int batch, int h, int w, int c) {
    typedef sum_tile<SMALL> tile;
    DYNAMIC_SHARED(u8, shared);
    u8 *planes = shared + 2 * tile::STAGE;
    int line_size = w * c, groups = c / 16, group = blockIdx.x % groups, step = gridDim.x / groups;
    int across = (w + tile::COLUMNS - 1) / tile::COLUMNS, down = (h + tile::ROWS - 1) / tile::ROWS;
    int count = (batch + tile::IMAGES - 1) / tile::IMAGES * across * down;
    int warp = threadIdx.x >> 5, lane = threadIdx.x & 31, g = lane / 4, t = lane % 4, slot = threadIdx.x / 2, piece = threadIdx.x % 2;
    x += group * 16 + piece * 8, dy += group * 16 + piece * 8;

    int x_line = slot / tile::X_WIDTH, x_column = slot % tile::X_WIDTH, y_line = slot / tile::COLUMNS, y_column = slot % tile::COLUMNS;
    shared_at x_copied = shared_address(shared + place_of_half(slot, x_column, piece));
    shared_at y_copied = shared_address(shared + tile::X_STAGE + place_of_half(slot, y_column, piece));
    auto copy = [&](tile_place at, int stage) {
        int left = at.column * tile::COLUMNS, top = at.row * tile::ROWS, first = at.image * tile::IMAGES;
        const bf16 *from_x = x + (((i64)first * h + top + x_line) * w + left + x_column - 3) * c;
        const bf16 *from_y = dy + (((i64)first * h + top + y_line - 3) * w + left + y_column) * c;
#pragma unroll
        for (int begin = 0; begin < tile::X_LINES; begin += tile::X_COPIED) {
            int line = begin + x_line, image = SMALL && line >= tile::ROWS, row = top + line - image * tile::ROWS;
            if (x_line < tile::X_COPIED && line < tile::X_LINES)
                copy_async(x_copied + stage * tile::STAGE + begin * tile::X_WIDTH * 32,
                           from_x + (begin + image * (h - tile::ROWS)) * line_size,
                           (unsigned)(left + x_column - 3) < (unsigned)w && row < h && (!SMALL || first + image < batch));
        }
#pragma unroll
        for (int begin = 0; begin < tile::Y_LINES; begin += tile::Y_COPIED) {
            int line = begin + y_line, image = SMALL && line >= tile::Y_HEIGHT, row = top + line - image * tile::Y_HEIGHT - 3;
            if (line < tile::Y_LINES)
                copy_async(y_copied + stage * tile::STAGE + begin * tile::COLUMNS * 32,
                           from_y + (begin + image * (h - tile::Y_HEIGHT)) * line_size,
                           left + y_column < w && (unsigned)row < (unsigned)h && (!SMALL || first + image < batch));
        }
    };

    // Six warps transpose x: eight pixels from an even column and from the next one at a time. Two warps transpose dy: sixteen pixels at a
    // time.
    int line = warp / tile::EIGHTS, eight = warp % tile::EIGHTS, column = lane % 8 + lane / 16;
    shared_at x_pixels = shared_address(shared + place_of_half(line * tile::X_WIDTH + eight * 8 + column, column, lane / 8 % 2));
    u8 *x_made = planes + g * tile::PLANE + line * tile::X_LINE + eight * 16 + t * 4;
    shared_at y_pixels = shared_address(shared + tile::X_STAGE + (warp - 6) * (SMALL ? 2 : 1) * tile::COLUMNS * 32 +
                                        place_of_half(lane / 16 * 8 + lane % 8, lane % 8, lane / 8 % 2));
    u8 *y_made = planes + tile::Y + g * tile::PLANE + (warp - 6) * (SMALL ? 2 : 1) * tile::Y_LINE + t * 4;
    const u8 *left_factor = planes + warp * 2 * tile::PLANE + g % 2 * tile::ODD + (g / 2 + t) * 4;
    shared_at right_factor =
        shared_address(planes + tile::Y + (warp * 2 + lane / 16) * tile::PLANE + lane / 8 % 2 * tile::Y_HALF + lane % 8 * tile::Y_LINE);
    float sums[2][4] = {};
    int number = blockIdx.x / groups, stage = 0;
    tile_place place(number, across, down), next = place, ahead(step, across, down);
    if (number < count) copy(place, 0);
    copies_close();
    for (; number < count; number += step, stage ^= 1) {
        next.advance(ahead, across, down);
        if (number + step < count) copy(next, stage ^ 1);
        copies_close();
        copies_wait<1>();
        __syncthreads();

        u32 pairs[4];
        if (warp < 6) {
#pragma unroll
            for (int begin = 0; begin < tile::X_LINES; begin += tile::TRANSPOSED) {
                if (tile::X_LINES % tile::TRANSPOSED != 0 && begin + line >= tile::X_LINES) break;
                load_matrices_transposed(pairs, x_pixels + stage * tile::STAGE + begin * tile::X_WIDTH * 32);
#pragma unroll
                for (int i = 0; i < 4; i++)
                    *(u32 *)(x_made + i % 2 * 8 * tile::PLANE + i / 2 * tile::ODD + begin * tile::X_LINE) = pairs[i];
            }
        } else {
            const int LINES = SMALL ? 4 : 2; // of both warps
#pragma unroll
            for (int begin = 0; begin < tile::Y_LINES; begin += LINES) {
                load_matrices_transposed(pairs, y_pixels + stage * tile::STAGE + begin * tile::COLUMNS * 32);
#pragma unroll
                for (int i = 0; i < 4; i++) *(u32 *)(y_made + i % 2 * 8 * tile::PLANE + i / 2 * 16 + begin * tile::Y_LINE) = pairs[i];
            }
        }
        __syncthreads();

#pragma unroll
        for (int row = 0; row < tile::ROWS; row += 2) {
            u32 b[4];
            load_matrices(b, right_factor + row * tile::Y_LINE);
#pragma unroll
            for (int j = 0; j < 2; j++) {
                u32 a[4];
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    a[i] = *(const u32 *)(left_factor + j * tile::PLANE + (row + i % 2) * tile::X_LINE + i / 2 * tile::X_HALF);
                    if (g == 7) a[i] = 0x3f803f80u;
                }
                multiply_matrices(sums[j], a, b[j * 2], b[j * 2 + 1]);
            }
        }
    }

    // Collects [50, 16] in the memory of the stages from both halves of a tap; the second half of an odd column is in the next lane.
    float *all = (float *)shared;
#pragma unroll
    for (int j = 0; j < 2; j++) {
        float even = sums[j][0] + sums[j][3], odd = sums[j][1] + __shfl_down_sync(0xffffffffu, sums[j][2], 1);
        if (g < 7) all[((6 - t * 2) * 7 + g) * 16 + warp * 2 + j] = even;
        if (g < 7 && t < 3) all[((5 - t * 2) * 7 + g) * 16 + warp * 2 + j] = odd;
        if (g == 7 && t == 1) all[49 * 16 + warp * 2 + j] = odd;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < 50 * 16; i += 256)
        partials[((i64)(blockIdx.x / groups) * 50 + i / 16) * c + group * 16 + i % 16] = all[i];
}

// Grid (C / 16 * P), block 256, partials [P, 50, C]; P about 2 * multiprocessors / (C / 16), at most the number of tiles.
// depthwise7_sums_large: ceil(H / 14) * ceil(W / 16) * B tiles, shared 77824 bytes; depthwise7_sums_small, for H and W up to 8: ceil(B / 2)
// tiles, shared 53504 bytes.
#define SUMS_BOUNDS 256, 2
KERNEL_OF(SUMS_BOUNDS, depthwise7_sums_large, const bf16 *x, const bf16 *dy, float *partials, int batch, int h, int w, int c) {
    depthwise7_sums<false>(x, dy, partials, batch, h, w, c);
}
KERNEL_OF(SUMS_BOUNDS, depthwise7_sums_small, const bf16 *x, const bf16 *dy, float *partials, int batch, int h, int w, int c) {
    depthwise7_sums<true>(x, dy, partials, batch, h, w, c);
}
static_assert(sum_tile<false>::SHARED == 77824 && sum_tile<true>::SHARED == 53504, "shared memory as launched");
