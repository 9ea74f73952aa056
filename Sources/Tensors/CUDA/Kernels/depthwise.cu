// Depthwise k x k convolution, stride 1, padding k / 2, channels last; weight float32 [k*k, C], bias float32 [C] or null.
// The data gradient is the same convolution with the kernel turned by 180 degrees (`flipped`) and no bias.
// The weight gradient adds partial sums [P, k*k+1, C] (the bias's behind the taps') that P blocks left in scratch memory, in the order of the blocks.

/// Any k, any C. Grid (ceil(B*H*W*C / 256)), block 256. One thread an output.
KERNEL_OF(256, depthwise_any, const T *x, const float *weight, const float *bias, T *y, i64 count, int h, int w, int c, int k, int flipped) {
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

/// Any k, any C. Grid (P, ceil(C / 32), k*k+1), block (32, 8): a block sums one tap (the last one: the bias) for 32 channels over the rows
/// [B*H * p / P, B*H * (p + 1) / P), 8 columns at a time. partials [P, k*k+1, C].
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

/// dweight [count - C] and dbias [C] (or null) += the sums over P partials [P, count], count = (k*k+1) * C. Grid (ceil(count / 32)), block (32, 16).
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
