// oneDNN behind a narrow C interface: matrix products and NHWC convolutions in float32 and bf16. Works with oneDNN 2 (Debian 12) and 3
// (Ubuntu 24.04); only this target knows the version. Not thread safe: one caller at a time (the calls themselves use all threads of the
// OpenMP pool).
#pragma once
#include <stdint.h>

/// Major and minor version of the loaded library, e.g. 206 for 2.6.
int vlseg_onednn_version(void);

/// C = alpha op(A) op(B) + beta C, row-major float32; op is 'N' or 'T'. C is m x n, the inner size is k. Returns 0, or oneDNN's status.
int vlseg_onednn_sgemm(char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
                       const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/// One shape of C = op(A) op(B) (+ bias row) (+ C). A and B are bf16, row-major, with strides between rows; sums are float32.
typedef struct vlseg_product vlseg_product;

/// Op is 'N' or 'T'. `c_is_float`: C is float32, else bf16. `accumulates`: adds to C. `has_bias`: adds a float32 row [n]. Returns null if
/// oneDNN has no kernel for this processor, or no memory.
vlseg_product *vlseg_product_create(char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k, int64_t lda, int64_t ldb,
                                    int64_t ldc, int c_is_float, int accumulates, int has_bias);
void vlseg_product_destroy(vlseg_product *product);
/// Bytes of workspace, 64-byte aligned, that the caller must pass to each run of the product.
int64_t vlseg_product_scratch(const vlseg_product *product);
/// Returns 0 or oneDNN's status. `bias` is ignored if the product has none.
int vlseg_product_run(vlseg_product *product, const uint16_t *a, const uint16_t *b, const float *bias, void *c, void *scratch);

/// Sizes of a convolution; pairs are rows and columns. A dilation of 1 is none.
typedef struct {
    int64_t batch, height, width, input, output, kernel[2], stride[2], padding[2], dilation[2], groups;
} vlseg_convolution_shape;

/// The primitives of one convolution shape. x [B,H,W,I], y [B,H',W',O], weight [O,kh,kw,I/groups] (always
/// float32), no bias. x and y (and their gradients) are float32, or bf16 for a convolution that was created so.
typedef struct vlseg_convolution vlseg_convolution;

/// Creates the primitives; backward ones only if `training`. Returns null on failure (unsupported shape or no memory).
vlseg_convolution *vlseg_convolution_create(const vlseg_convolution_shape *shape, int training, int bf16);
void vlseg_convolution_destroy(vlseg_convolution *convolution);
/// Bytes of workspace, 64-byte aligned, that the caller must pass to each of the three calls.
int64_t vlseg_convolution_scratch(const vlseg_convolution *convolution);
/// Each returns 0 or oneDNN's status. Outputs are overwritten.
int vlseg_convolution_forward(vlseg_convolution *convolution, const void *x, const float *weight, void *y, void *scratch);
int vlseg_convolution_backward_data(vlseg_convolution *convolution, const void *dy, const float *weight, void *dx, void *scratch);
int vlseg_convolution_backward_weight(vlseg_convolution *convolution, const void *x, const void *dy, float *dweight, void *scratch);
