// The public functions that are compiled per instruction set: each calls the active table.
#include "kernels.h"
void vlseg_add(int64_t n, const float *a, const float *b, float *y) { vlseg_kernels()->add(n, a, b, y); }
void vlseg_add_scaled(int64_t n, const float *a, float s, const float *b, float *y) { vlseg_kernels()->add_scaled(n, a, s, b, y); }
void vlseg_accumulate(int64_t n, float s, const float *x, float *y) { vlseg_kernels()->accumulate(n, s, x, y); }
void vlseg_scale(int64_t n, float s, const float *x, float *y) { vlseg_kernels()->scale(n, s, x, y); }
double vlseg_dot(int64_t n, const float *a, const float *b) { return vlseg_kernels()->dot(n, a, b); }
void vlseg_gelu_forward(int64_t n, const float *x, float *y) { vlseg_kernels()->gelu_forward(n, x, y); }
void vlseg_gelu_backward(int64_t n, const float *x, const float *dy, float *dx) { vlseg_kernels()->gelu_backward(n, x, dy, dx); }
void vlseg_leaky_relu_forward(int64_t n, float slope, const float *x, float *y) { vlseg_kernels()->leaky_relu_forward(n, slope, x, y); }
void vlseg_leaky_relu_backward(int64_t n, float slope, const float *x, const float *dy, float *dx) {
    vlseg_kernels()->leaky_relu_backward(n, slope, x, dy, dx);
}
void vlseg_tanh_forward(int64_t n, const float *x, float *y) { vlseg_kernels()->tanh_forward(n, x, y); }
void vlseg_tanh_backward(int64_t n, const float *y, const float *dy, float *dx) { vlseg_kernels()->tanh_backward(n, y, dy, dx); }
void vlseg_softplus_forward(int64_t n, const float *x, float *y) { vlseg_kernels()->softplus_forward(n, x, y); }
void vlseg_softplus_backward(int64_t n, const float *x, const float *dy, float *dx) { vlseg_kernels()->softplus_backward(n, x, dy, dx); }
void vlseg_sigmoid_forward(int64_t n, const float *x, float *y) { vlseg_kernels()->sigmoid_forward(n, x, y); }
void vlseg_sigmoid_backward(int64_t n, const float *y, const float *dy, float *dx) { vlseg_kernels()->sigmoid_backward(n, y, dy, dx); }
void vlseg_dropout(int64_t n, float p, uint64_t seed, const float *x, float *y) { vlseg_kernels()->dropout(n, p, seed, x, y); }
void vlseg_add_bias(int64_t rows, int64_t c, const float *bias, float *y) { vlseg_kernels()->add_bias(rows, c, bias, y); }
void vlseg_bias_gradient(int64_t rows, int64_t c, const float *dy, float *db) { vlseg_kernels()->bias_gradient(rows, c, dy, db); }
void vlseg_add_table(int64_t rows, int64_t period, int64_t c, const float *x, const float *table, float *y) {
    vlseg_kernels()->add_table(rows, period, c, x, table, y);
}
void vlseg_layer_norm_forward(int64_t rows, int64_t c, float eps, const float *x, const float *gamma, const float *beta, float *y,
                              float *mean, float *rstd) {
    vlseg_kernels()->layer_norm_forward(rows, c, eps, x, gamma, beta, y, mean, rstd);
}
void vlseg_layer_norm_backward(int64_t rows, int64_t c, const float *x, const float *gamma, const float *mean, const float *rstd,
                               const float *dy, float *dx, float *dgamma, float *dbeta) {
    vlseg_kernels()->layer_norm_backward(rows, c, x, gamma, mean, rstd, dy, dx, dgamma, dbeta);
}
void vlseg_batch_norm_forward(int64_t rows, int64_t c, float eps, float momentum, float slope, const float *x, const float *gamma,
                              const float *beta, float *running_mean, float *running_var, float *y, float *mean, float *rstd) {
    vlseg_kernels()->batch_norm_forward(rows, c, eps, momentum, slope, x, gamma, beta, running_mean, running_var, y, mean, rstd);
}
void vlseg_batch_norm_inference(int64_t rows, int64_t c, float eps, float slope, const float *x, const float *gamma, const float *beta,
                                const float *running_mean, const float *running_var, float *y) {
    vlseg_kernels()->batch_norm_inference(rows, c, eps, slope, x, gamma, beta, running_mean, running_var, y);
}
void vlseg_batch_norm_backward(int64_t rows, int64_t c, float slope, const float *x, const float *gamma, const float *beta,
                               const float *mean, const float *rstd, const float *dy, float *dx, float *dgamma, float *dbeta) {
    vlseg_kernels()->batch_norm_backward(rows, c, slope, x, gamma, beta, mean, rstd, dy, dx, dgamma, dbeta);
}
void vlseg_softmax_rows(int64_t rows, int64_t c, const float *x, float *y) { vlseg_kernels()->softmax_rows(rows, c, x, y); }
void vlseg_depthwise_forward(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *x, const float *weight, const float *bias,
                             float *y) {
    vlseg_kernels()->depthwise_forward(b, h, w, c, k, x, weight, bias, y);
}
void vlseg_depthwise_backward_data(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *dy, const float *weight, float *dx) {
    vlseg_kernels()->depthwise_backward_data(b, h, w, c, k, dy, weight, dx);
}
void vlseg_depthwise_backward_weight(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *x, const float *dy, float *dweight,
                                     float *dbias) {
    vlseg_kernels()->depthwise_backward_weight(b, h, w, c, k, x, dy, dweight, dbias);
}
void vlseg_window_forward(const vlseg_window *window, const float *x, const float *weight, float *y) {
    vlseg_kernels()->window_forward(window, x, weight, y);
}
void vlseg_window_backward_data(const vlseg_window *window, const float *dy, const float *weight, float *dx) {
    vlseg_kernels()->window_backward_data(window, dy, weight, dx);
}
void vlseg_window_backward_weight(const vlseg_window *window, const float *x, const float *dy, float *dweight) {
    vlseg_kernels()->window_backward_weight(window, x, dy, dweight);
}
void vlseg_conv1d_forward(int64_t b, int64_t l, int64_t c, int64_t k, int64_t left, const float *x, int64_t ldx, const float *weight,
                          float *y) {
    vlseg_kernels()->conv1d_forward(b, l, c, k, left, x, ldx, weight, y);
}
void vlseg_conv1d_backward(int64_t b, int64_t l, int64_t c, int64_t k, int64_t left, const float *x, int64_t ldx, const float *weight,
                           const float *dy, float *dx, int64_t lddx, float *dweight) {
    vlseg_kernels()->conv1d_backward(b, l, c, k, left, x, ldx, weight, dy, dx, lddx, dweight);
}
void vlseg_scan_forward(int64_t b, int64_t l, int64_t d, int64_t n, const float *u, const float *dt, const float *a_log, const float *bm,
                        int64_t ldb, const float *cm, int64_t ldc, const float *skip, float *y) {
    vlseg_kernels()->scan_forward(b, l, d, n, u, dt, a_log, bm, ldb, cm, ldc, skip, y);
}
void vlseg_scan_backward(int64_t b, int64_t l, int64_t d, int64_t n, const float *u, const float *dt, const float *a_log, const float *bm,
                         int64_t ldb, const float *cm, int64_t ldc, const float *skip, const float *dy, float *du, float *ddt,
                         float *da_log, float *dbm, int64_t lddb, float *dcm, int64_t lddc, float *dskip) {
    vlseg_kernels()->scan_backward(b, l, d, n, u, dt, a_log, bm, ldb, cm, ldc, skip, dy, du, ddt, da_log, dbm, lddb, dcm, lddc, dskip);
}
void vlseg_attention_forward(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const float *q, int64_t ldq, const float *k,
                             int64_t ldk, const float *v, int64_t ldv, const uint8_t *mask, float scale, float p, uint64_t seed,
                             vlseg_gemm gemm, float *out, int64_t ldo, float *lse) {
    vlseg_kernels()->attention_forward(b, heads, lq, lk, d, q, ldq, k, ldk, v, ldv, mask, scale, p, seed, gemm, out, ldo, lse);
}
void vlseg_attention_backward(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const float *q, int64_t ldq, const float *k,
                              int64_t ldk, const float *v, int64_t ldv, const uint8_t *mask, float scale, float p, uint64_t seed,
                              vlseg_gemm gemm, const float *out, int64_t ldo, const float *lse, const float *dout, int64_t lddo, float *dq,
                              int64_t lddq, float *dk, int64_t lddk, float *dv, int64_t lddv) {
    vlseg_kernels()->attention_backward(b, heads, lq, lk, d, q, ldq, k, ldk, v, ldv, mask, scale, p, seed, gemm, out, ldo, lse, dout, lddo,
                                        dq, lddq, dk, lddk, dv, lddv);
}
void vlseg_dice_sums(int64_t maps, int64_t n, const float *p, const uint8_t *g, double *sums) {
    vlseg_kernels()->dice_sums(maps, n, p, g, sums);
}
void vlseg_dice_gradient(int64_t maps, int64_t n, const uint8_t *g, const float *target_factor, const float *constant, float *dp) {
    vlseg_kernels()->dice_gradient(maps, n, g, target_factor, constant, dp);
}
double vlseg_entropy(int64_t n, int two_class, const float *p) { return vlseg_kernels()->entropy(n, two_class, p); }
void vlseg_entropy_gradient(int64_t n, int two_class, float factor, const float *p, float *dp) {
    vlseg_kernels()->entropy_gradient(n, two_class, factor, p, dp);
}
double vlseg_bce(int64_t n, const float *p, const uint8_t *g) { return vlseg_kernels()->bce(n, p, g); }
void vlseg_bce_classes(int64_t n, const float *p, const uint8_t *g, double *sums) { vlseg_kernels()->bce_classes(n, p, g, sums); }
void vlseg_bce_classes_gradient(int64_t n, const float *factors, const float *p, const uint8_t *g, float *dp) {
    vlseg_kernels()->bce_classes_gradient(n, factors, p, g, dp);
}
void vlseg_bce_gradient(int64_t n, float factor, const float *p, const uint8_t *g, float *dp) {
    vlseg_kernels()->bce_gradient(n, factor, p, g, dp);
}
double vlseg_spectral_terms(int64_t maps, int64_t rows, int64_t cols, int64_t width, float *spectrum_p, const float *spectrum_g) {
    return vlseg_kernels()->spectral_terms(maps, rows, cols, width, spectrum_p, spectrum_g);
}
void vlseg_confusion(int64_t maps, int64_t n, float threshold, const float *p, const uint8_t *g, int64_t *counts) {
    vlseg_kernels()->confusion(maps, n, threshold, p, g, counts);
}
void vlseg_window_attention_forward(const struct vlseg_windows *shape, const float *qkv, const float *table, float *out, float *log_sums) {
    vlseg_kernels()->window_attention_forward(shape, qkv, table, out, log_sums);
}
void vlseg_window_attention_backward(const struct vlseg_windows *shape, const float *qkv, const float *table, const float *log_sums,
                                     const float *dout, float *dqkv, float *dtable) {
    vlseg_kernels()->window_attention_backward(shape, qkv, table, log_sums, dout, dqkv, dtable);
}
void vlseg_sgd(int64_t n, float *p, float *g, float *buffer, float lr, float momentum, float weight_decay, uint16_t *copy) {
    vlseg_kernels()->sgd(n, p, g, buffer, lr, momentum, weight_decay, copy);
}
void vlseg_adamw(int64_t n, float *p, const float *g, float *m, float *v, float lr, float beta1, float beta2, float eps, float weight_decay,
                 int64_t step) {
    vlseg_kernels()->adamw(n, p, g, m, v, lr, beta1, beta2, eps, weight_decay, step);
}
int vlseg_all_finite(int64_t n, const float *x) { return vlseg_kernels()->all_finite(n, x); }
void vlseg_gelu_bias_forward(int64_t rows, int64_t c, const float *bias, float *x, float *y) {
    vlseg_kernels()->gelu_bias_forward(rows, c, bias, x, y);
}
void vlseg_gelu_bias_backward(int64_t rows, int64_t c, const float *x, const float *dy, float *dx, float *db, float *y) {
    vlseg_kernels()->gelu_bias_backward(rows, c, x, dy, dx, db, y);
}
void vlseg_scale_rows(int64_t rows, int64_t c, const float *scale, const float *x, float *y) {
    vlseg_kernels()->scale_rows(rows, c, scale, x, y);
}
void vlseg_scaled_linear_backward(int64_t rows, int64_t c, const float *weight, const float *bias, const float *scale, const float *product,
                                  const float *sums, float *dweight, float *dbias, float *dscale) {
    vlseg_kernels()->scaled_linear_backward(rows, c, weight, bias, scale, product, sums, dweight, dbias, dscale);
}
void vlseg_convolution3x3_forward(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, const float *x, const float *weight,
                                  vlseg_gemm gemm, float *workspace, float *y) {
    vlseg_kernels()->convolution3x3_forward(b, h, w, in, out, x, weight, gemm, workspace, y);
}
void vlseg_convolution3x3_backward_data(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, const float *dy, const float *weight,
                                        vlseg_gemm gemm, float *workspace, float *dx) {
    vlseg_kernels()->convolution3x3_backward_data(b, h, w, in, out, dy, weight, gemm, workspace, dx);
}
void vlseg_convolution3x3_backward_weight(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, const float *x, const float *dy,
                                          vlseg_gemm gemm, float *workspace, float *dweight) {
    vlseg_kernels()->convolution3x3_backward_weight(b, h, w, in, out, x, dy, gemm, workspace, dweight);
}
int64_t vlseg_convolution3x3_workspace(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out) {
    int64_t pass = vlseg_winograd_pass(b * ((h + 1) / 2) * ((w + 1) / 2), in + out);
    return VLSEG_WINOGRAD_POINTS * (in * out + pass * (in + out)) * (int64_t)sizeof(float);
}
void vlseg_copy_columns(int64_t rows, int64_t c, const float *x, int64_t ldx, float *y, int64_t ldy, int accumulate) {
    vlseg_kernels()->copy_columns(rows, c, x, ldx, y, ldy, accumulate);
}
