// The public functions of the bfloat16 kernels: each calls the active table.
#include "kernels.h"
void vlseg_bf16_from_float(int64_t n, const float *x, vlseg_bf16 *y) { vlseg_kernels()->bf16_from_float(n, x, y); }
void vlseg_float_from_bf16(int64_t n, const vlseg_bf16 *x, float *y) { vlseg_kernels()->float_from_bf16(n, x, y); }
void vlseg_add_bf16(int64_t n, const vlseg_bf16 *a, const vlseg_bf16 *b, vlseg_bf16 *y) { vlseg_kernels()->add_bf16(n, a, b, y); }
void vlseg_add_scaled_bf16(int64_t n, const vlseg_bf16 *a, float s, const vlseg_bf16 *b, vlseg_bf16 *y) {
    vlseg_kernels()->add_scaled_bf16(n, a, s, b, y);
}
void vlseg_accumulate_bf16(int64_t n, float s, const vlseg_bf16 *x, vlseg_bf16 *y) { vlseg_kernels()->accumulate_bf16(n, s, x, y); }
void vlseg_scale_bf16(int64_t n, float s, const vlseg_bf16 *x, vlseg_bf16 *y) { vlseg_kernels()->scale_bf16(n, s, x, y); }
double vlseg_dot_bf16(int64_t n, const vlseg_bf16 *a, const vlseg_bf16 *b) { return vlseg_kernels()->dot_bf16(n, a, b); }
void vlseg_gelu_forward_bf16(int64_t n, const vlseg_bf16 *x, vlseg_bf16 *y) { vlseg_kernels()->gelu_forward_bf16(n, x, y); }
void vlseg_gelu_backward_bf16(int64_t n, const vlseg_bf16 *x, const vlseg_bf16 *dy, vlseg_bf16 *dx) {
    vlseg_kernels()->gelu_backward_bf16(n, x, dy, dx);
}
void vlseg_leaky_relu_forward_bf16(int64_t n, float slope, const vlseg_bf16 *x, vlseg_bf16 *y) {
    vlseg_kernels()->leaky_relu_forward_bf16(n, slope, x, y);
}
void vlseg_leaky_relu_backward_bf16(int64_t n, float slope, const vlseg_bf16 *x, const vlseg_bf16 *dy, vlseg_bf16 *dx) {
    vlseg_kernels()->leaky_relu_backward_bf16(n, slope, x, dy, dx);
}
void vlseg_dropout_bf16(int64_t n, float p, uint64_t seed, const vlseg_bf16 *x, vlseg_bf16 *y) {
    vlseg_kernels()->dropout_bf16(n, p, seed, x, y);
}
int vlseg_all_finite_bf16(int64_t n, const vlseg_bf16 *x) { return vlseg_kernels()->all_finite_bf16(n, x); }
void vlseg_add_bias_bf16(int64_t rows, int64_t c, const float *bias, vlseg_bf16 *y) { vlseg_kernels()->add_bias_bf16(rows, c, bias, y); }
void vlseg_bias_gradient_bf16(int64_t rows, int64_t c, const vlseg_bf16 *dy, float *db) {
    vlseg_kernels()->bias_gradient_bf16(rows, c, dy, db);
}
void vlseg_add_table_bf16(int64_t rows, int64_t period, int64_t c, const vlseg_bf16 *x, const float *table, vlseg_bf16 *y) {
    vlseg_kernels()->add_table_bf16(rows, period, c, x, table, y);
}
void vlseg_copy_columns_bf16(int64_t rows, int64_t c, const vlseg_bf16 *x, int64_t ldx, vlseg_bf16 *y, int64_t ldy, int accumulate) {
    vlseg_kernels()->copy_columns_bf16(rows, c, x, ldx, y, ldy, accumulate);
}
void vlseg_layer_norm_forward_bf16(int64_t rows, int64_t c, float eps, const vlseg_bf16 *x, const float *gamma, const float *beta,
                                   vlseg_bf16 *y, float *mean, float *rstd) {
    vlseg_kernels()->layer_norm_forward_bf16(rows, c, eps, x, gamma, beta, y, mean, rstd);
}
void vlseg_layer_norm_backward_bf16(int64_t rows, int64_t c, const vlseg_bf16 *x, const float *gamma, const float *mean, const float *rstd,
                                    const vlseg_bf16 *dy, vlseg_bf16 *dx, float *dgamma, float *dbeta) {
    vlseg_kernels()->layer_norm_backward_bf16(rows, c, x, gamma, mean, rstd, dy, dx, dgamma, dbeta);
}
void vlseg_batch_norm_forward_bf16(int64_t rows, int64_t c, float eps, float momentum, float slope, const vlseg_bf16 *x, const float *gamma,
                                   const float *beta, float *running_mean, float *running_var, vlseg_bf16 *y, float *mean, float *rstd) {
    vlseg_kernels()->batch_norm_forward_bf16(rows, c, eps, momentum, slope, x, gamma, beta, running_mean, running_var, y, mean, rstd);
}
void vlseg_batch_norm_inference_bf16(int64_t rows, int64_t c, float eps, float slope, const vlseg_bf16 *x, const float *gamma,
                                     const float *beta, const float *running_mean, const float *running_var, vlseg_bf16 *y) {
    vlseg_kernels()->batch_norm_inference_bf16(rows, c, eps, slope, x, gamma, beta, running_mean, running_var, y);
}
void vlseg_batch_norm_backward_bf16(int64_t rows, int64_t c, float slope, const vlseg_bf16 *x, const float *gamma, const float *beta,
                                    const float *mean, const float *rstd, const vlseg_bf16 *dy, vlseg_bf16 *dx, float *dgamma,
                                    float *dbeta) {
    vlseg_kernels()->batch_norm_backward_bf16(rows, c, slope, x, gamma, beta, mean, rstd, dy, dx, dgamma, dbeta);
}
void vlseg_gelu_bias_forward_bf16(int64_t rows, int64_t c, const float *bias, vlseg_bf16 *x, vlseg_bf16 *y) {
    vlseg_kernels()->gelu_bias_forward_bf16(rows, c, bias, x, y);
}
void vlseg_gelu_bias_backward_bf16(int64_t rows, int64_t c, const vlseg_bf16 *x, const vlseg_bf16 *dy, vlseg_bf16 *dx, float *db,
                                   vlseg_bf16 *y) {
    vlseg_kernels()->gelu_bias_backward_bf16(rows, c, x, dy, dx, db, y);
}
void vlseg_depthwise_forward_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *x, const float *weight,
                                  const float *bias, vlseg_bf16 *y) {
    vlseg_kernels()->depthwise_forward_bf16(b, h, w, c, k, x, weight, bias, y);
}
void vlseg_depthwise_backward_data_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *dy, const float *weight,
                                        vlseg_bf16 *dx) {
    vlseg_kernels()->depthwise_backward_data_bf16(b, h, w, c, k, dy, weight, dx);
}
void vlseg_depthwise_backward_weight_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *x, const vlseg_bf16 *dy,
                                          float *dweight, float *dbias) {
    vlseg_kernels()->depthwise_backward_weight_bf16(b, h, w, c, k, x, dy, dweight, dbias);
}
void vlseg_attention_forward_bf16(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const vlseg_bf16 *q, int64_t ldq,
                                  const vlseg_bf16 *k, int64_t ldk, const vlseg_bf16 *v, int64_t ldv, const uint8_t *mask, float scale,
                                  float p, uint64_t seed, vlseg_gemm gemm, vlseg_bf16 *out, int64_t ldo, float *lse) {
    vlseg_kernels()->attention_forward_bf16(b, heads, lq, lk, d, q, ldq, k, ldk, v, ldv, mask, scale, p, seed, gemm, out, ldo, lse);
}
void vlseg_attention_backward_bf16(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const vlseg_bf16 *q, int64_t ldq,
                                   const vlseg_bf16 *k, int64_t ldk, const vlseg_bf16 *v, int64_t ldv, const uint8_t *mask, float scale,
                                   float p, uint64_t seed, vlseg_gemm gemm, const vlseg_bf16 *out, int64_t ldo, const float *lse,
                                   const vlseg_bf16 *dout, int64_t lddo, vlseg_bf16 *dq, int64_t lddq, vlseg_bf16 *dk, int64_t lddk,
                                   vlseg_bf16 *dv, int64_t lddv) {
    vlseg_kernels()->attention_backward_bf16(b, heads, lq, lk, d, q, ldq, k, ldk, v, ldv, mask, scale, p, seed, gemm, out, ldo, lse, dout,
                                             lddo, dq, lddq, dk, lddk, dv, lddv);
}
void vlseg_window_attention_forward_bf16(const struct vlseg_windows *shape, const vlseg_bf16 *qkv, const float *table, vlseg_bf16 *out,
                                         float *log_sums) {
    vlseg_kernels()->window_attention_forward_bf16(shape, qkv, table, out, log_sums);
}
void vlseg_window_attention_backward_bf16(const struct vlseg_windows *shape, const vlseg_bf16 *qkv, const float *table,
                                          const float *log_sums, const vlseg_bf16 *dout, vlseg_bf16 *dqkv, float *dtable) {
    vlseg_kernels()->window_attention_backward_bf16(shape, qkv, table, log_sums, dout, dqkv, dtable);
}
void vlseg_scale_rows_bf16(int64_t rows, int64_t c, const float *scale, const float *x, vlseg_bf16 *y) {
    vlseg_kernels()->scale_rows_bf16(rows, c, scale, x, y);
}
void vlseg_adamw_bf16(int64_t n, float *p, float *g, float *m, float *v, float lr, float beta1, float beta2, float eps, float weight_decay,
                      int64_t step, vlseg_bf16 *copy, int zero_gradients) {
    vlseg_kernels()->adamw_bf16(n, p, g, m, v, lr, beta1, beta2, eps, weight_decay, step, copy, zero_gradients);
}
