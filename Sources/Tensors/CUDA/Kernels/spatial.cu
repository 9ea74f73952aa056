// Patches of images, the head's pixel shuffle and pool, normalised images. Channels last.

/// Moves x [B, H, W, C] to rows [B, H/k, W/k, k, k, C] (`scatter` 0), or back (`scatter` 1: x [B, H, W, C] from rows). `c` and C count in
/// units of V elements. Grid G, block 256.
template <int V> DEVICE void move_patches(i64 count, int h, int w, int c, int k, const T *from, T *to, int scatter) {
    // Iterates over x: unit i is channel group g of pixel (row, column) of an image.
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < count; i += (i64)gridDim.x * 256) {
        i64 pixel = i / c, line = pixel / w;
        int g = (int)(i - pixel * c), column = (int)(pixel - line * w), row = (int)(line % h);
        i64 patch = (line / h * (h / k) + row / k) * (w / k) + column / k;
        i64 other = ((patch * k + row % k) * k + column % k) * c + g;
        float a[V];
        load<V>(from + (scatter ? other : i) * V, a);
        store<V>(to + (scatter ? i : other) * V, a);
    }
}
KERNEL_OF(256, move_patches_vector, i64 count, int h, int w, int c, int k, const T *from, T *to, int scatter) {
    move_patches<vector_width<T>::value>(count, h, w, c, k, from, to, scatter);
}
KERNEL_OF(256, move_patches_single, i64 count, int h, int w, int c, int k, const T *from, T *to, int scatter) {
    move_patches<1>(count, h, w, c, k, from, to, scatter);
}

/// Pixel shuffle by r, zero padding of r-1 above and left, r x r mean with stride 1, plus bias: x [B, h, w, r*r] to y [B, h*r, w*r].
/// y[i, j] is the mean of the shuffled picture over rows i-r+1 ... i and columns j-r+1 ... j. Grid (ceil(B*h*r*w*r / 256)), block 256.
KERNEL_OF(256, shuffle_pool, i64 count, int h, int w, int r, const float *x, const float *bias, float *y) {
    i64 at = (i64)blockIdx.x * 256 + threadIdx.x;
    if (at >= count) return;
    int wide = w * r, high = h * r;
    i64 line = at / wide, image = line / high;
    int column = (int)(at - line * wide), row = (int)(line - image * high);
    float sum = 0;
    for (int i = max(row - r + 1, 0); i <= row; i++)
        for (int j = max(column - r + 1, 0); j <= column; j++) sum += x[((image * h + i / r) * w + j / r) * r * r + i % r * r + j % r];
    y[at] = sum / (r * r) + *bias;
}

/// dx[i, j] (of the shuffled picture) is the sum of dy over rows i ... i+r-1 and columns j ... j+r-1, divided by r*r. Grid as above.
KERNEL_OF(256, shuffle_pool_gradient, i64 count, int h, int w, int r, const float *dy, float *dx) {
    i64 at = (i64)blockIdx.x * 256 + threadIdx.x;
    if (at >= count) return;
    int wide = w * r, high = h * r;
    i64 pixel = at / (r * r), line = pixel / w, image = line / h;
    int part = (int)(at - pixel * r * r), row = (int)(line - image * h) * r + part / r, column = (int)(pixel - line * w) * r + part % r;
    float sum = 0;
    for (int i = row; i < min(row + r, high); i++)
        for (int j = column; j < min(column + r, wide); j++) sum += dy[(image * high + i) * wide + j];
    dx[at] = sum / (r * r);
}

/// shuffle_pool for r = 4, the model's value. A thread computes the four outputs of one pixel of x in one row, from four rows of that pixel
/// and of the previous one. Grid (ceil(B*h*4*w / 256)), block 256.
KERNEL_OF(256, shuffle_pool_4, i64 count, int h, int w, const float *x, const float *bias, float *y) {
    i64 at = (i64)blockIdx.x * 256 + threadIdx.x;
    if (at >= count) return;
    i64 line = at / w, image = line / (4 * h);
    int column = (int)(at - line * w), row = (int)(line - image * 4 * h);
    // The sums of four rows, for the columns of the previous pixel (without its first) and of this one.
    float sum[8] = {0, 0, 0, 0, 0, 0, 0, 0};
#pragma unroll
    for (int k = 0; k < 4; k++) {
        int i = row - k;
        if (i < 0) break;
        const float *here = x + ((image * h + i / 4) * w + column) * 16 + i % 4 * 4;
        float a[4];
        if (column > 0) {
            load<4>(here - 16, a);
#pragma unroll
            for (int j = 0; j < 4; j++) sum[j] += a[j];
        }
        load<4>(here, a);
#pragma unroll
        for (int j = 0; j < 4; j++) sum[4 + j] += a[j];
    }
    float b = *bias, result[4];
#pragma unroll
    for (int j = 0; j < 4; j++) result[j] = (sum[j + 1] + sum[j + 2] + sum[j + 3] + sum[j + 4]) * 0.0625f + b;
    store<4>(y + at * 4, result);
}

/// shuffle_pool_gradient for r = 4, by the same method. Grid as above.
KERNEL_OF(256, shuffle_pool_gradient_4, i64 count, int h, int w, const float *dy, float *dx) {
    i64 at = (i64)blockIdx.x * 256 + threadIdx.x;
    if (at >= count) return;
    // Neighbouring threads take the four rows of a pixel, so that they write contiguous memory.
    i64 pixel = at / 4, line = pixel / w, image = line / h;
    int part = (int)(at & 3), column = (int)(pixel - line * w), row = (int)(line - image * h) * 4 + part;
    float sum[8] = {0, 0, 0, 0, 0, 0, 0, 0};
#pragma unroll
    for (int k = 0; k < 4; k++) {
        if (row + k >= 4 * h) break;
        const float *here = dy + ((image * 4 * h + row + k) * w + column) * 4;
        float a[4];
        load<4>(here, a);
#pragma unroll
        for (int j = 0; j < 4; j++) sum[j] += a[j];
        if (column + 1 < w) {
            load<4>(here + 4, a);
#pragma unroll
            for (int j = 0; j < 4; j++) sum[4 + j] += a[j];
        }
    }
    float result[4];
#pragma unroll
    for (int j = 0; j < 4; j++) result[j] = (sum[j] + sum[j + 1] + sum[j + 2] + sum[j + 3]) * 0.0625f;
    store<4>(dx + at * 4, result);
}

/// Sums of pixel values and of their squares, exact in 64 bits: sums [B, S, c, 2]; block (s, b) adds part s of S parts of image b. c is 1
/// or 3. Grid (S, B), block 256.
KERNEL_OF(256, image_sums, i64 pixels, int c, const u8 *x, double *sums) {
    __shared__ double scratch[8];
    i64 first = pixels * blockIdx.x / gridDim.x, last = pixels * (blockIdx.x + 1) / gridDim.x;
    const u8 *image = x + (i64)blockIdx.y * pixels * c;
    for (int j = 0; j < c; j++) {
        u64 sum = 0, squares = 0;
        for (i64 i = first + threadIdx.x; i < last; i += 256) {
            u32 v = image[i * c + j];
            sum += v;
            squares += v * v;
        }
        // Integers below 2^53 are exact in any order.
        double total = block_sum((double)sum, scratch), total_squares = block_sum((double)squares, scratch);
        if (threadIdx.x == 0) {
            double *to = sums + (((i64)blockIdx.y * gridDim.x + blockIdx.x) * c + j) * 2;
            to[0] = total;
            to[1] = total_squares;
        }
    }
}

/// y [B, pixels, 3] = (x - mean) / std of each image and channel, population std, std 0 counts as 1; a single channel is used for all
/// three. The 256 possible values of a channel are computed once, in double. Grid (G, B), block 256.
KERNEL_OF(256, normalise_images, i64 pixels, int c, int stretches, const u8 *x, const double *sums, T *y) {
    __shared__ T table[3][256];
    int image = blockIdx.y;
    for (int j = 0; j < c; j++) {
        double sum = 0, squares = 0;
        for (int s = 0; s < stretches; s++) {
            const double *from = sums + (((i64)image * stretches + s) * c + j) * 2;
            sum += from[0];
            squares += from[1];
        }
        // n^2 times the variance, computed from integers.
        double n = (double)pixels, spread = n * squares - sum * sum, deviation = spread > 0 ? sqrt(spread) / n : 1.0;
        table[j][threadIdx.x] = from_float<T>((float)((threadIdx.x - sum / n) / deviation));
    }
    __syncthreads();
    const u8 *from = x + image * pixels * c;
    T *to = y + image * pixels * 3;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < pixels * 3; i += (i64)gridDim.x * 256) {
        int channel = (int)(i % 3);
        to[i] = c == 1 ? table[0][from[i / 3]] : table[channel][from[i]];
    }
}

/// The element of x at which the window of output i begins, for V channels; i counts [B, H/k, W/k, c], c the channels in units of V.
DEVICE i64 pool_window(i64 i, int h, int w, int c, int k) {
    i64 pixel = i / c, line = pixel / (w / k), image = line / (h / k);
    return ((image * h + (line - image * (h / k)) * k) * w + (pixel - line * (w / k)) * k) * c + (i - pixel * c);
}

/// y [B, H/k, W/k, C] = the largest value of each k x k window of x [B, H, W, C]; places (unless null) = its index, the first of equal
/// ones. Grid G, block 256.
template <int V> DEVICE void max_pool_windows(i64 count, int h, int w, int c, int k, const T *x, T *y, u8 *places) {
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < count; i += (i64)gridDim.x * 256) {
        i64 window = pool_window(i, h, w, c, k);
        float most[V], a[V];
        pack<u8, V> place;
        load<V>(x + window * V, most);
#pragma unroll
        for (int j = 0; j < V; j++) place.element[j] = 0;
        for (int n = 1; n < k * k; n++) {
            load<V>(x + (window + ((i64)(n / k) * w + n % k) * c) * V, a);
#pragma unroll
            for (int j = 0; j < V; j++)
                if (a[j] > most[j] || a[j] != a[j]) {
                    most[j] = a[j];
                    place.element[j] = (u8)n;
                }
        }
        store<V>(y + i * V, most);
        if (places != 0) *(pack<u8, V> *)(places + i * V) = place;
    }
}
KERNEL_OF(256, max_pool_vector, i64 count, int h, int w, int c, int k, const T *x, T *y, u8 *places) {
    max_pool_windows<vector_width<T>::value>(count, h, w, c, k, x, y, places);
}
KERNEL_OF(256, max_pool, i64 count, int h, int w, int c, int k, const T *x, T *y, u8 *places) {
    max_pool_windows<1>(count, h, w, c, k, x, y, places);
}

/// dx [B, H, W, C] = or += in each window: dy [B, H/k, W/k, C] at the place of the largest value, 0 elsewhere. Grid G, block 256.
template <int V> DEVICE void max_pool_spread(i64 count, int h, int w, int c, int k, const T *dy, const u8 *places, T *dx, int accumulate) {
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < count; i += (i64)gridDim.x * 256) {
        i64 window = pool_window(i, h, w, c, k);
        float d[V], a[V];
        load<V>(dy + i * V, d);
        pack<u8, V> place = *(const pack<u8, V> *)(places + i * V);
        for (int n = 0; n < k * k; n++) {
            T *to = dx + (window + ((i64)(n / k) * w + n % k) * c) * V;
            if (accumulate) load<V>(to, a);
#pragma unroll
            for (int j = 0; j < V; j++) a[j] = (accumulate ? a[j] : 0.0f) + (place.element[j] == n ? d[j] : 0.0f);
            store<V>(to, a);
        }
    }
}
KERNEL_OF(256, max_pool_gradient_vector, i64 count, int h, int w, int c, int k, const T *dy, const u8 *places, T *dx, int accumulate) {
    max_pool_spread<vector_width<T>::value>(count, h, w, c, k, dy, places, dx, accumulate);
}
KERNEL_OF(256, max_pool_gradient, i64 count, int h, int w, int c, int k, const T *dy, const u8 *places, T *dx, int accumulate) {
    max_pool_spread<1>(count, h, w, c, k, dy, places, dx, accumulate);
}

/// y [pixels, 3] = scale x + shift of each channel of y; `reversed`: y's first channel is x's last. x has c channels, 1 or 3. Grid G, block
/// 256.
KERNEL_OF(256, scale_images, i64 count, int c, int reversed, float scale0, float scale1, float scale2, float shift0, float shift1,
          float shift2, const u8 *x, T *y) {
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < count; i += (i64)gridDim.x * 256) {
        i64 pixel = i / 3;
        int j = (int)(i - pixel * 3), channel = reversed ? 2 - j : j;
        float value = x[c == 1 ? pixel : pixel * 3 + channel];
        y[i] = from_float<T>(value * (j == 0 ? scale0 : j == 1 ? scale1 : scale2) + (j == 0 ? shift0 : j == 1 ? shift1 : shift2));
    }
}
