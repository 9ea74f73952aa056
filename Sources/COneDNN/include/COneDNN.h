// oneDNN behind a narrow C interface: matrix products and NHWC convolutions in float32. Works with oneDNN 2 (Debian 12) and 3 (Ubuntu 24.04);
// only this target knows which one it is. Not thread safe: one caller at a time (the calls themselves use all threads of the OpenMP pool).
#pragma once
#include <stdint.h>

/// Major and minor version of the library that was loaded, e.g. 206 for 2.6.
int vlseg_onednn_version(void);

/// C = alpha op(A) op(B) + beta C, row-major float32; op is 'N' or 'T'. C is m x n, the inner size is k. Returns 0, or oneDNN's status.
int vlseg_onednn_sgemm(char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
                       const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/// One convolution shape with its primitives and their blocked weights. x [B,H,W,Cin], y [B,H',W',Cout], weight [Cout,k,k,Cin] (OHWI), no bias.
typedef struct vlseg_convolution vlseg_convolution;

/// Creates the primitives; backward ones only if `training`. Null on failure (unsupported shape or no memory).
vlseg_convolution *vlseg_convolution_create(int64_t batch, int64_t height, int64_t width, int64_t in_channels, int64_t out_channels, int64_t kernel,
                                            int64_t stride, int64_t padding, int training);
void vlseg_convolution_destroy(vlseg_convolution *convolution);
/// Each returns 0 or oneDNN's status. Outputs are overwritten.
int vlseg_convolution_forward(vlseg_convolution *convolution, const float *x, const float *weight, float *y);
int vlseg_convolution_backward_data(vlseg_convolution *convolution, const float *dy, const float *weight, float *dx);
int vlseg_convolution_backward_weight(vlseg_convolution *convolution, const float *x, const float *dy, float *dweight);
