// Products of float32 matrices of some dozens of rows and columns, such as those of a window's attention: for these a library's call costs
// as much as the product. One thread.

// Sums that fit the registers beside a row of b.
enum { SMALL_ROWS = LANES == 16 ? 7 : 6, SMALL_VECTORS = LANES == 16 ? 4 : 2 };

/// `rows` rows and `vectors` vectors of c: their sums stay in registers.
INLINE void small_tile(int64_t k, const float *a, int64_t down, int64_t along, const float *b, int64_t ldb, float *c, int64_t ldc,
                       const int rows, const int vectors) {
    vf sum[SMALL_ROWS][SMALL_VECTORS] = {};
    for (int64_t p = 0; p < k; p++) {
        vf x[SMALL_VECTORS];
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) x[j] = load(b + p * ldb + j * LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            float y = a[i * down + p * along];
#pragma clang loop unroll(full)
            for (int j = 0; j < vectors; j++) sum[i][j] += y * x[j];
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) store(c + i * ldc + j * LANES, sum[i][j]);
}

/// c [m, n] = a b with b [k, n], n in whole vectors; element (i, p) of a lies at a[i * down + p * along].
static void small_product(int64_t m, int64_t n, int64_t k, const float *a, int64_t down, int64_t along, const float *b, int64_t ldb,
                          float *c, int64_t ldc) {
    int64_t i = 0;
    for (; i + SMALL_ROWS <= m; i += SMALL_ROWS) {
        int64_t j = 0;
        for (; j + SMALL_VECTORS * LANES <= n; j += SMALL_VECTORS * LANES)
            small_tile(k, a + i * down, down, along, b + j, ldb, c + i * ldc + j, ldc, SMALL_ROWS, SMALL_VECTORS);
        for (; j < n; j += LANES) small_tile(k, a + i * down, down, along, b + j, ldb, c + i * ldc + j, ldc, SMALL_ROWS, 1);
    }
    for (; i < m; i++) {
        int64_t j = 0;
        for (; j + SMALL_VECTORS * LANES <= n; j += SMALL_VECTORS * LANES)
            small_tile(k, a + i * down, down, along, b + j, ldb, c + i * ldc + j, ldc, 1, SMALL_VECTORS);
        for (; j < n; j += LANES) small_tile(k, a + i * down, down, along, b + j, ldb, c + i * ldc + j, ldc, 1, 1);
    }
}
