// Rows of c columns: biases and their gradients, tables, column ranges, row factors.

/// first[j] += the sums over p of partials [P, c], in order; second (unless null) += those of the partials behind them.
/// Grid (ceil(c / 32), 1 or 2), block (32, 32).
KERNEL_OF(1024, sum_partials, int p, int c, const float *partials, float *first, float *second) {
    __shared__ float scratch[32][33];
    int column = blockIdx.x * 32 + threadIdx.x;
    const float *from = partials + (i64)blockIdx.y * p * c;
    float sum = 0;
    if (column < c)
#pragma unroll 4
        for (int i = threadIdx.y; i < p; i += 32) sum += from[(i64)i * c + column];
    scratch[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    // One warp per column.
    sum = warp_sum(scratch[threadIdx.x][threadIdx.y]);
    column = blockIdx.x * 32 + threadIdx.y;
    float *to = blockIdx.y == 0 ? first : second;
    if (threadIdx.x == 0 && column < c) to[column] += sum;
}

template <int V> DEVICE void bias_gradient_columns(i64 rows, int c, const T *dy, float *partials) {
    __shared__ float scratch[256][V];
    sum_columns<V, 1>(rows, c, partials, scratch, [=](i64 row, int column, float(&v)[1][V]) { load<V>(dy + row * c + column, v[0]); });
}

/// Partial column sums of dy [rows, c], by sum_columns with V = the number of elements in sixteen bytes, or 1.
KERNEL_OF(256, bias_gradient_vector, i64 rows, int c, const T *dy, float *partials) {
    bias_gradient_columns<vector_width<T>::value>(rows, c, dy, partials);
}
KERNEL_OF(256, bias_gradient, i64 rows, int c, const T *dy, float *partials) { bias_gradient_columns<1>(rows, c, dy, partials); }

/// y[r, :] += bias. Grid G, block 256; for columns that are a multiple of V, or V = 1.
template <int V> DEVICE void add_bias_rows(i64 rows, int c, const float *bias, T *y) {
    int groups = c / V;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < rows * groups; i += (i64)gridDim.x * 256) {
        float a[V];
        load<V>(y + i * V, a);
        int column = remainder_of(i, groups) * V;
#pragma unroll
        for (int j = 0; j < V; j++) a[j] += bias[column + j];
        store<V>(y + i * V, a);
    }
}
KERNEL_OF(256, add_bias_vector, i64 rows, int c, const float *bias, T *y) { add_bias_rows<vector_width<T>::value>(rows, c, bias, y); }
KERNEL_OF(256, add_bias, i64 rows, int c, const float *bias, T *y) { add_bias_rows<1>(rows, c, bias, y); }

/// dx = GELU'(x) dy, y = GELU(x), and partial column sums of dx; dx may be dy, y may be x.
template <int V> DEVICE void bias_gelu_gradient_columns(i64 rows, int c, const T *x, const T *dy, T *dx, T *y, float *partials) {
    __shared__ float scratch[256][V];
    sum_columns<V, 1>(rows, c, partials, scratch, [=](i64 row, int column, float(&sums)[1][V]) {
        i64 at = row * c + column;
        float a[V], value[V], (&v)[V] = sums[0];
        load<V>(x + at, a);
        load<V>(dy + at, v);
#pragma unroll
        for (int i = 0; i < V; i++) {
            float normal = normal_distribution(a[i]);
            value[i] = a[i] * normal;
            v[i] *= normal + a[i] * 0.398942280f * expf(-0.5f * a[i] * a[i]);
        }
        store<V>(dx + at, v);
        store<V>(y + at, value);
    });
}
KERNEL_OF(256, bias_gelu_gradient_vector, i64 rows, int c, const T *x, const T *dy, T *dx, T *y, float *partials) {
    bias_gelu_gradient_columns<vector_width<T>::value>(rows, c, x, dy, dx, y, partials);
}
KERNEL_OF(256, bias_gelu_gradient, i64 rows, int c, const T *x, const T *dy, T *dx, T *y, float *partials) {
    bias_gelu_gradient_columns<1>(rows, c, x, dy, dx, y, partials);
}

/// y[r, :] = x[r, :] + table[r % period, :]. Grid G, block 256.
template <int V> DEVICE void add_table_rows(i64 rows, int period, int c, const T *x, const float *table, T *y) {
    int repeat = period * (c / V);
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < rows * (c / V); i += (i64)gridDim.x * 256) {
        float a[V], b[V];
        load<V>(x + i * V, a);
        load<V>(table + (i64)remainder_of(i, repeat) * V, b);
#pragma unroll
        for (int j = 0; j < V; j++) a[j] += b[j];
        store<V>(y + i * V, a);
    }
}
KERNEL_OF(256, add_table_vector, i64 rows, int period, int c, const T *x, const float *table, T *y) {
    add_table_rows<4>(rows, period, c, x, table, y);
}
KERNEL_OF(256, add_table, i64 rows, int period, int c, const T *x, const float *table, T *y) {
    add_table_rows<1>(rows, period, c, x, table, y);
}

/// Copies c columns of x [rows, *] to those of y [rows, *]; the rows are ldx and ldy apart. += if requested. Grid G, block 256.
template <int V> DEVICE void copy_columns_rows(i64 rows, int c, const T *x, i64 ldx, T *y, i64 ldy, int accumulate) {
    int groups = c / V;
    for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < rows * groups; i += (i64)gridDim.x * 256) {
        i64 row = quotient_of(i, groups);
        int column = (int)(i - row * groups) * V;
        float a[V], b[V];
        load<V>(x + row * ldx + column, a);
        if (accumulate) {
            load<V>(y + row * ldy + column, b);
#pragma unroll
            for (int j = 0; j < V; j++) a[j] += b[j];
        }
        store<V>(y + row * ldy + column, a);
    }
}
KERNEL_OF(256, copy_columns_vector, i64 rows, int c, const T *x, i64 ldx, T *y, i64 ldy, int accumulate) {
    copy_columns_rows<vector_width<T>::value>(rows, c, x, ldx, y, ldy, accumulate);
}
KERNEL_OF(256, copy_columns, i64 rows, int c, const T *x, i64 ldx, T *y, i64 ldy, int accumulate) {
    copy_columns_rows<1>(rows, c, x, ldx, y, ldy, accumulate);
}

/// y[r, :] = scale[r] x[r, :], x float32. Grid (rows), block 256.
KERNEL_OF(256, scale_rows, int c, const float *scale, const float *x, T *y) {
    i64 base = (i64)blockIdx.x * c;
    float s = scale[blockIdx.x];
    if (c % 4 == 0 && is_aligned(x, (const float *)y)) {
        for (int j = threadIdx.x * 4; j < c; j += 1024) {
            float a[4];
            load<4>(x + base + j, a);
#pragma unroll
            for (int k = 0; k < 4; k++) a[k] *= s;
            store<4>(y + base + j, a);
        }
    } else
        for (int j = threadIdx.x; j < c; j += 256) y[base + j] = from_float<T>(s * x[base + j]);
}

/// Gradients of V = diag(scale) W and v = scale b from product = dV [rows, c] and sums = dv: dweight += scale product, dbias += scale sums,
/// dscale += <W, product> + b sums, row by row. Grid (rows), block 256.
KERNEL_OF(256, scaled_linear_gradient, int c, const float *weight, const float *bias, const float *scale, const float *product,
          const float *sums, float *dweight, float *dbias, float *dscale) {
    __shared__ float scratch[8];
    i64 row = blockIdx.x, base = row * c;
    float s = scale[row], sum = 0;
    for (int j = threadIdx.x; j < c; j += 256) {
        float p = product[base + j];
        dweight[base + j] += s * p;
        sum += weight[base + j] * p;
    }
    sum = block_sum(sum, scratch);
    if (threadIdx.x == 0) {
        dbias[row] += s * sums[row];
        dscale[row] += sum + bias[row] * sums[row];
    }
}

/// y[r, :] = table[numbers[r], :]. Grid (rows), block 256.
KERNEL_OF(256, gather_rows, int c, const T *table, const int *numbers, T *y) {
    const T *from = table + (i64)numbers[blockIdx.x] * c;
    for (int i = threadIdx.x; i < c; i += 256) y[(i64)blockIdx.x * c + i] = from[i];
}
