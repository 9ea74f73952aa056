// Convolutions of NHWC maps with any kernel, stride, padding, dilation and number of groups: for what cuDNN does not do channels last. A
// thread sums an output by itself; weights are float32, [O, kh, kw, I/groups].

/// Sizes of a map, of the other one, and how the window lies on it; the host writes the same struct.
struct convolution_window {
    int height, width, input, output, out_height, out_width, kernel_height, kernel_width, stride_rows, stride_columns, padding_rows,
        padding_columns, dilation_rows, dilation_columns, groups, unused;
};

/// y [B, OH, OW, O]. Grid G, block 256.
KERNEL_OF(256, convolution_any, i64 count, convolution_window k, const T *x, const float *weight, T *y) {
    int inputs = k.input / k.groups, outputs = k.output / k.groups;
    for (i64 at = (i64)blockIdx.x * 256 + threadIdx.x; at < count; at += (i64)gridDim.x * 256) {
        i64 pixel = at / k.output, line = pixel / k.out_width, image = line / k.out_height;
        int o = (int)(at - pixel * k.output), column = (int)(pixel - line * k.out_width), row = (int)(line - image * k.out_height);
        const float *w = weight + (i64)o * k.kernel_height * k.kernel_width * inputs;
        float sum = 0;
        for (int i = 0; i < k.kernel_height; i++) {
            int r = row * k.stride_rows - k.padding_rows + i * k.dilation_rows;
            if (r < 0 || r >= k.height) continue;
            for (int j = 0; j < k.kernel_width; j++) {
                int c = column * k.stride_columns - k.padding_columns + j * k.dilation_columns;
                if (c < 0 || c >= k.width) continue;
                const T *from = x + ((image * k.height + r) * k.width + c) * k.input + o / outputs * inputs;
                const float *tap = w + (i * k.kernel_width + j) * inputs;
                for (int e = 0; e < inputs; e++) {
                    float a[1];
                    load<1>(from + e, a);
                    sum += a[0] * tap[e];
                }
            }
        }
        float result[1] = {sum};
        store<1>(y + at, result);
    }
}

/// dx [B, H, W, I]: over the outputs that read a pixel. Grid G, block 256.
KERNEL_OF(256, convolution_any_data, i64 count, convolution_window k, const T *dy, const float *weight, T *dx) {
    int inputs = k.input / k.groups, outputs = k.output / k.groups, taps = k.kernel_height * k.kernel_width;
    for (i64 at = (i64)blockIdx.x * 256 + threadIdx.x; at < count; at += (i64)gridDim.x * 256) {
        i64 pixel = at / k.input, line = pixel / k.width, image = line / k.height;
        int e = (int)(at - pixel * k.input), column = (int)(pixel - line * k.width), row = (int)(line - image * k.height);
        int group = e / inputs;
        float sum = 0;
        for (int i = 0; i < k.kernel_height; i++) {
            int r = row + k.padding_rows - i * k.dilation_rows;
            if (r < 0 || r % k.stride_rows != 0 || r / k.stride_rows >= k.out_height) continue;
            for (int j = 0; j < k.kernel_width; j++) {
                int c = column + k.padding_columns - j * k.dilation_columns;
                if (c < 0 || c % k.stride_columns != 0 || c / k.stride_columns >= k.out_width) continue;
                const T *from = dy + ((image * k.out_height + r / k.stride_rows) * k.out_width + c / k.stride_columns) * k.output;
                for (int o = group * outputs; o < (group + 1) * outputs; o++) {
                    float a[1];
                    load<1>(from + o, a);
                    sum += a[0] * weight[((i64)o * taps + i * k.kernel_width + j) * inputs + e - group * inputs];
                }
            }
        }
        float result[1] = {sum};
        store<1>(dx + at, result);
    }
}

/// dweight [O, kh, kw, I/groups]: a block sums one number over all pixels. Grid (O * kh * kw * I/groups), block 256.
KERNEL_OF(256, convolution_any_weight, i64 pixels, convolution_window k, const T *x, const T *dy, float *dweight) {
    __shared__ double scratch[8];
    int inputs = k.input / k.groups, outputs = k.output / k.groups, taps = k.kernel_height * k.kernel_width;
    i64 at = blockIdx.x, tap = at / inputs;
    int e = (int)(at - tap * inputs), o = (int)(tap / taps), i = (int)(tap % taps) / k.kernel_width, j = (int)(tap % taps) % k.kernel_width;
    double sum = 0;
    for (i64 pixel = threadIdx.x; pixel < pixels; pixel += 256) {
        i64 line = pixel / k.out_width, image = line / k.out_height;
        int r = (int)(line - image * k.out_height) * k.stride_rows - k.padding_rows + i * k.dilation_rows;
        int c = (int)(pixel - line * k.out_width) * k.stride_columns - k.padding_columns + j * k.dilation_columns;
        if (r < 0 || r >= k.height || c < 0 || c >= k.width) continue;
        float a[1], b[1];
        load<1>(x + ((image * k.height + r) * k.width + c) * k.input + o / outputs * inputs + e, a);
        load<1>(dy + pixel * k.output + o, b);
        sum += a[0] * b[0];
    }
    double total = block_sum(sum, scratch);
    if (threadIdx.x == 0) dweight[at] = (float)total;
}
