// CKernels: float32 and bfloat16 vector kernels for the CPU backend. Row-major, channels last (NHWC). Not for matrix products, dense
// convolutions or FFTs.
//
// Letters: b batch, h w rows and columns, c channels, l positions, d features, n count (or state size); ld* the distance between rows, in
// elements. In comments "+=" accumulates into the output and "=" overwrites it. All counts are int64_t. The output of an elementwise
// function may be the same buffer as an input.
// Instruction sets: one source, compiled for AVX-512, AVX2 + FMA and the base architecture; one table selects at run time (dispatch.c).
// Threads: vlseg_parallel runs on libgomp's pool, which oneDNN uses too, and runs serially inside a parallel region. To let threads sleep
// instead of spin between regions, set OMP_WAIT_POLICY=passive (or GOMP_SPINCOUNT=0) in the environment before the process starts: libgomp
// reads it when it is loaded.
// Results do not depend on the number of threads: reductions use chunks that depend on the shape only and are summed in order. Scratch
// memory belongs to each thread and is kept until the thread ends; if it cannot be allocated, the process ends, as in Swift.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- threads and instruction sets
/// Sets the number of threads (at least 1) of the calling thread's team: of these kernels, and of all code on OpenMP's default (oneDNN)
/// that this thread calls. Cheap if the number does not change.
void vlseg_set_threads(int count);
int vlseg_threads(void);
/// Called with disjoint ranges that cover 0..<count; each range is processed by one worker (0 ..< vlseg_threads()).
typedef void (*vlseg_body)(void *context, int64_t begin, int64_t end, int worker);
/// Runs `body` over 0..<count in contiguous ranges of at least about `grain`. It runs in the calling thread if count is small or inside a
/// parallel region.
void vlseg_parallel(int64_t count, int64_t grain, vlseg_body body, void *context);
const char *vlseg_instruction_set(void);            // "avx512" | "avx2" | "portable"
int vlseg_select_instruction_set(const char *name); // of the calling thread, for tests; 0 ok, -1 not supported here

// ---- elementwise, n elements
void vlseg_fill(int64_t n, float value, float *y);
void vlseg_add(int64_t n, const float *a, const float *b, float *y);                 // y = a + b
void vlseg_add_scaled(int64_t n, const float *a, float s, const float *b, float *y); // y = a + s b
void vlseg_accumulate(int64_t n, float s, const float *x, float *y);                 // y += s x
void vlseg_scale(int64_t n, float s, const float *x, float *y);
double vlseg_dot(int64_t n, const float *a, const float *b);
void vlseg_gelu_forward(int64_t n, const float *x, float *y); // exact erf form; vector erf within ~2 ulp of single precision
void vlseg_gelu_backward(int64_t n, const float *x, const float *dy, float *dx); // dx =  dy * gelu'(x)
void vlseg_leaky_relu_forward(int64_t n, float slope, const float *x, float *y);
void vlseg_leaky_relu_backward(int64_t n, float slope, const float *x, const float *dy, float *dx);
void vlseg_tanh_forward(int64_t n, const float *x, float *y);
void vlseg_tanh_backward(int64_t n, const float *y, const float *dy, float *dx); // from the output
void vlseg_softplus_forward(int64_t n, const float *x, float *y);                // PyTorch: x for x > 20, else log1p(exp x)
void vlseg_softplus_backward(int64_t n, const float *x, const float *dy, float *dx);
void vlseg_sigmoid_forward(int64_t n, const float *x, float *y);
void vlseg_sigmoid_backward(int64_t n, const float *y, const float *dy, float *dx);
// Keeps element i with probability 1-p and scales it by 1/(1-p). The decision is a pure function of (seed, i) (a counter-based hash,
// vectorised). Backward is the same call on the gradients.
void vlseg_dropout(int64_t n, float p, uint64_t seed, const float *x, float *y);
float vlseg_dropout_uniform(uint64_t seed,
                            uint64_t index); // the uniform number in [0,1) of element `index` (kept iff >= p); for tests and attention

// ---- rows x columns
void vlseg_add_bias(int64_t rows, int64_t c, const float *bias, float *y);     // y[r,:] += bias
void vlseg_bias_gradient(int64_t rows, int64_t c, const float *dy, float *db); // db += column sums
void vlseg_gelu_bias_forward(
    int64_t rows, int64_t c, const float *bias, float *x,
    float *y); // x[r,:] += bias (x: the product; kept for the gradient), y = gelu(x); if y is x, only gelu(x) is kept
void vlseg_gelu_bias_backward(int64_t rows, int64_t c, const float *x, const float *dy, float *dx, float *db,
                              float *y); // dx = dy * gelu'(x), db += column sums of dx; y, if not null, = gelu(x); dx may be dy, y may be x
void vlseg_add_table(int64_t rows, int64_t period, int64_t c, const float *x, const float *table,
                     float *y); // y[r,:] = x[r,:] + table[r % period,:]
void vlseg_copy_columns(int64_t rows, int64_t c, const float *x, int64_t ldx, float *y, int64_t ldy,
                        int accumulate);                                                      // strided copy (or +=) of c columns
void vlseg_scale_rows(int64_t rows, int64_t c, const float *scale, const float *x, float *y); // y[r,:] = scale[r] x[r,:]
// Gradients of V = diag(scale) W and v = scale b, from product = dV and sums = dv, row by row: dweight += scale product, dbias += scale
// sums, dscale += <W, product> + b sums.
void vlseg_scaled_linear_backward(int64_t rows, int64_t c, const float *weight, const float *bias, const float *scale, const float *product,
                                  const float *sums, float *dweight, float *dbias, float *dscale);
void vlseg_layer_norm_forward(int64_t rows, int64_t c, float eps, const float *x, const float *gamma, const float *beta, float *y,
                              float *mean, float *rstd); // mean/rstd per row may be NULL
void vlseg_layer_norm_backward(int64_t rows, int64_t c, const float *x, const float *gamma, const float *mean, const float *rstd,
                               const float *dy, float *dx, float *dgamma, float *dbeta); // dx =, others +=
// Batch norm over rows with a fused leaky ReLU (slope 1 = none). In training, computes batch mean and biased variance (double accumulators)
// into mean/rstd; running <- (1-m) running + m * (batch, unbiased variance).
void vlseg_batch_norm_forward(int64_t rows, int64_t c, float eps, float momentum, float slope, const float *x, const float *gamma,
                              const float *beta, float *running_mean, float *running_var, float *y, float *mean, float *rstd);
void vlseg_batch_norm_inference(int64_t rows, int64_t c, float eps, float slope, const float *x, const float *gamma, const float *beta,
                                const float *running_mean, const float *running_var, float *y);
void vlseg_batch_norm_backward(int64_t rows, int64_t c, float slope, const float *x, const float *gamma, const float *beta,
                               const float *mean, const float *rstd, const float *dy, float *dx, float *dgamma,
                               float *dbeta); // dx =, others +=; the sign for the leaky ReLU is recomputed from x
void vlseg_softmax_rows(int64_t rows, int64_t c, const float *x, float *y);

/// Sizes of a convolution: x [batch, height, width, input], y [batch, out_height, out_width, output], weight [output, kernel_height,
/// kernel_width, input/groups].
typedef struct {
    int64_t batch, height, width, input, out_height, out_width, output, kernel_height, kernel_width, stride_rows, stride_columns,
        padding_rows, padding_columns, dilation_rows, dilation_columns, groups;
} vlseg_window;

/// Any convolution in float32, for what a library lacks; outputs are overwritten.
void vlseg_window_forward(const vlseg_window *window, const float *x, const float *weight, float *y);
void vlseg_window_backward_data(const vlseg_window *window, const float *dy, const float *weight, float *dx);
void vlseg_window_backward_weight(const vlseg_window *window, const float *x, const float *dy, float *dweight);

// ---- spatial, NHWC
// Depthwise k x k convolution, stride 1, zero padding (k-1)/2, k odd. 7 is the hot case; C is usually a multiple of 16, but any C works.
// weight [k*k, C].
void vlseg_depthwise_forward(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *x, const float *weight,
                             const float *bias /*or NULL*/, float *y);
void vlseg_depthwise_backward_data(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *dy, const float *weight,
                                   float *dx); // =
void vlseg_depthwise_backward_weight(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *x, const float *dy, float *dweight,
                                     float *dbias /*or NULL*/); // +=
// Depthwise 1-D convolution over L of [B,L,C] rows, cross-correlation as in PyTorch: y[l] = sum_j w[j,c] x[l + j - left]. weight [k, C].
void vlseg_conv1d_forward(int64_t b, int64_t l, int64_t c, int64_t k, int64_t left, const float *x, int64_t ldx, const float *weight,
                          float *y);
void vlseg_conv1d_backward(int64_t b, int64_t l, int64_t c, int64_t k, int64_t left, const float *x, int64_t ldx, const float *weight,
                           const float *dy, float *dx, int64_t lddx, float *dweight); // dx =, dweight +=
// Non-overlapping k x k patches: x [B,H,W,C] -> rows [B*(H/k)*(W/k), k*k*C] (order ky, kx, c); scatter is the inverse (also used by the 2x2
// transposed convolution).
void vlseg_patch_gather(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *x, float *rows);
void vlseg_patch_scatter(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const float *rows, float *x); // =
// Head (docs/models/ua-vls.md, after the folded convolution): x [B,h,w,r*r] -> pixel shuffle r (channel i*r+j -> pixel (y*r+i, x*r+j)) ->
// zero pad r-1 top/left -> r x r mean pool stride 1 -> + bias. y [B,h*r,w*r].
void vlseg_shuffle_pool_forward(int64_t b, int64_t h, int64_t w, int64_t r, const float *x, float bias, float *y);
void vlseg_shuffle_pool_backward(int64_t b, int64_t h, int64_t w, int64_t r, const float *dy, float *dx); // = ; the bias gradient is sum dy
// Max pooling over size x size windows with stride size, of float32 or (half) bfloat16 maps x [B,H,W,C]. places uint8 [B,H/size,W/size,C]
// or NULL: the index of the largest value in its window, row by row, the first of equal ones; a NaN counts as the largest.
void vlseg_max_pool(int64_t b, int64_t h, int64_t w, int64_t c, int64_t size, int half, const void *x, void *y, uint8_t *places);
void vlseg_max_pool_gradient(int64_t b, int64_t h, int64_t w, int64_t c, int64_t size, int half, const void *dy, const uint8_t *places,
                             void *dx, int accumulate); // = or += in the windows; pixels outside them do not change
// A bias for each position: rows of c elements, float32 or (half) bfloat16, row r at position r % period. y[r,:] += bias[r % period].
void vlseg_add_position_bias(int64_t rows, int64_t period, int64_t c, const float *bias, int half, void *y);
// dbias[t] += the sum of all elements at position t.
void vlseg_position_bias_gradient(int64_t rows, int64_t period, int64_t c, int half, const void *dy, float *dbias);
// Images: uint8 [B, pixels, C] (C 1 or 3) -> float [B, pixels, 3], per image and channel (x - mean) / std, population std, std 0 counts as
// 1 (double accumulators).
void vlseg_normalise_images(int64_t b, int64_t pixels, int64_t c, const uint8_t *x, float *y);
// uint8 [pixels, C] (C 1 or 3) -> table[j, x] of each output channel j, [pixels, 3]; reversed: output channel 0 is the last channel of x.
// table [3, 256].
void vlseg_map_images(int64_t pixels, int64_t c, const float *table, int reversed, const uint8_t *x, float *y);

// ---- sequence mixing
// Selective scan (docs/models/ua-vls.md, SSMix step 5), all [B,L,*] rows: u (P) [B,L,D], dt [B,L,D] (after softplus), A_log [D,N], bm/cm
// [B,L,N] with row strides ldb/ldc, skip D [D]. y [B,L,D].
void vlseg_scan_forward(int64_t b, int64_t l, int64_t d, int64_t n, const float *u, const float *dt, const float *a_log, const float *bm,
                        int64_t ldb, const float *cm, int64_t ldc, const float *skip, float *y);
void vlseg_scan_backward(int64_t b, int64_t l, int64_t d, int64_t n, const float *u, const float *dt, const float *a_log, const float *bm,
                         int64_t ldb, const float *cm, int64_t ldc, const float *skip, const float *dy, float *du, float *ddt,
                         float *da_log /*+=*/, float *dbm, int64_t lddb, float *dcm, int64_t lddc,
                         float *dskip /*+=*/); // others =; recomputes the states
// Attention that never stores the scores of a whole batch: each thread processes one (image, head) at a time, with scores in its scratch
// memory. gemm is called inside the parallel region and must run serially there.
typedef void (*vlseg_gemm)(char ta, char tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda, const float *b,
                           int64_t ldb, float beta, float *c, int64_t ldc); // row-major
// q [B,Lq] rows with stride ldq, head h at columns h*d..; k, v [B,Lk] rows; mask uint8 [B,Lk] or NULL (0 = key ignored). out rows ldo. lse
// [B,heads,Lq] (log-sum-exp of scaled scores) is kept for backward. Dropout p applies to the probabilities, with element index
// ((b*heads+h)*Lq + i)*Lk + j of vlseg_dropout_uniform(seed, .). out = dropout(softmax(scale q k^T)) v
void vlseg_attention_forward(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const float *q, int64_t ldq, const float *k,
                             int64_t ldk, const float *v, int64_t ldv, const uint8_t *mask, float scale, float p, uint64_t seed,
                             vlseg_gemm gemm, float *out, int64_t ldo, float *lse);
void vlseg_attention_backward(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const float *q, int64_t ldq, const float *k,
                              int64_t ldk, const float *v, int64_t ldv, const uint8_t *mask, float scale, float p, uint64_t seed,
                              vlseg_gemm gemm, const float *out, int64_t ldo, const float *lse, const float *dout, int64_t lddo, float *dq,
                              int64_t lddq, float *dk, int64_t lddk, float *dv, int64_t lddv); // =
// Attention within windows of side x side pixels of a map (docs/models/swinunet.md): qkv [B,H,W,3C], C = heads d, table
// [(2 side - 1)^2, heads], out [B,H,W,C], log_sums [windows, heads, side^2]. out = softmax(scale q k^T + table[offset of the pair] + mask)
// v in every window of the map shifted by `shift` pixels up and left (cyclic); mask -100 between pixels that only the shift made
// neighbours. H, W multiples of side.
struct vlseg_windows {
    int64_t b, h, w, heads, d, side, shift;
    float scale;
};
void vlseg_window_attention_forward(const struct vlseg_windows *shape, const float *qkv, const float *table, float *out, float *log_sums);
void vlseg_window_attention_backward(const struct vlseg_windows *shape, const float *qkv, const float *table, const float *log_sums,
                                     const float *dout, float *dqkv, float *dtable /*+=*/); // dqkv =
// 3x3 convolutions, stride 1, zero padding 1, by Winograd's F(2x2, 3x3): x [b,h,w,in], weight [out,3,3,in], y [b,h,w,out]; all outputs "=".
// The caller passes workspace; its size in bytes is:
int64_t vlseg_convolution3x3_workspace(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out);
void vlseg_convolution3x3_forward(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, const float *x, const float *weight,
                                  vlseg_gemm gemm, float *workspace, float *y);
void vlseg_convolution3x3_backward_data(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, const float *dy, const float *weight,
                                        vlseg_gemm gemm, float *workspace, float *dx);
void vlseg_convolution3x3_backward_weight(int64_t b, int64_t h, int64_t w, int64_t in, int64_t out, const float *x, const float *dy,
                                          vlseg_gemm gemm, float *workspace, float *dweight);

// ---- losses (p predictions, g uint8 targets 0/1; maps of n pixels), double accumulators
void vlseg_dice_sums(int64_t maps, int64_t n, const float *p, const uint8_t *g, double *sums /*[maps,3]: sum pg, sum p, sum g*/);
void vlseg_dice_gradient(int64_t maps, int64_t n, const uint8_t *g, const float *target_factor, const float *constant,
                         float *dp);                            // dp[m,i] += target_factor[m]*g + constant[m]
double vlseg_entropy(int64_t n, int two_class, const float *p); // sum of -p log(p+1e-8) (and the (1-p) form too if two_class)
void vlseg_entropy_gradient(int64_t n, int two_class, float factor, const float *p, float *dp); // dp += factor * d(entropy sum)/dp
double vlseg_bce(int64_t n, const float *p, const uint8_t *g); // sum of torch.nn.BCELoss terms (logs clamped at -100)
void vlseg_bce_gradient(int64_t n, float factor, const float *p, const uint8_t *g, float *dp); // +=, torch's rule (p-g)/max(p(1-p),1e-12)
void vlseg_bce_classes(int64_t n, const float *p, const uint8_t *g,
                       double *sums /*[2]: of the pixels where g is 0, and 1*/); // the same terms, summed by class
void vlseg_bce_classes_gradient(int64_t n, const float *factors /*[2], by g*/, const float *p, const uint8_t *g,
                                float *dp); // += by the same rule
// Half spectra [maps, rows, cols] complex interleaved, cols = width/2+1; column weights 1 for 0 and (even width) the last, else 2. Returns
// sum w (|P|-|G|)^2 and replaces P by (|P|-|G|) P/|P| (0 where |P| = 0).
double vlseg_spectral_terms(int64_t maps, int64_t rows, int64_t cols, int64_t width, float *spectrum_p, const float *spectrum_g);
// Counts at p > threshold: [maps,4] tp, fp, fn, tn
void vlseg_confusion(int64_t maps, int64_t n, float threshold, const float *p, const uint8_t *g, int64_t *counts);

// ---- optimizer: torch.optim.AdamW, one flat buffer
void vlseg_adamw(int64_t n, float *p, const float *g, float *m, float *v, float lr, float beta1, float beta2, float eps, float weight_decay,
                 int64_t step);
// torch.optim.SGD with momentum: d = g + weight_decay p, buffer = momentum buffer + d, p -= lr buffer; in the same pass copy = p as
// bfloat16 (unless NULL) and g = 0.
void vlseg_sgd(int64_t n, float *p, float *g, float *buffer, float lr, float momentum, float weight_decay, uint16_t *copy /*or NULL*/);
int vlseg_all_finite(int64_t n, const float *x);

// ---- bfloat16: the image path with activations and their gradients stored as the upper half of a float32
// Same arguments, order and meaning as the float32 functions of the same name (without _bf16). Arithmetic, statistics and sums are float32
// (double where the float32 functions use double); parameters and their gradients are float32. Each stored element is rounded once, to
// nearest even; a NaN stays a NaN. GELU and its slope are polynomials within 4e-6 and 2e-6 before rounding, so the fused kernel may differ
// from its parts by one rounding.
typedef uint16_t vlseg_bf16;
void vlseg_bf16_from_float(int64_t n, const float *x, vlseg_bf16 *y);
void vlseg_float_from_bf16(int64_t n, const vlseg_bf16 *x, float *y);
void vlseg_add_bf16(int64_t n, const vlseg_bf16 *a, const vlseg_bf16 *b, vlseg_bf16 *y);
void vlseg_add_scaled_bf16(int64_t n, const vlseg_bf16 *a, float s, const vlseg_bf16 *b, vlseg_bf16 *y);
void vlseg_accumulate_bf16(int64_t n, float s, const vlseg_bf16 *x, vlseg_bf16 *y);
void vlseg_scale_bf16(int64_t n, float s, const vlseg_bf16 *x, vlseg_bf16 *y);
double vlseg_dot_bf16(int64_t n, const vlseg_bf16 *a, const vlseg_bf16 *b);
void vlseg_gelu_forward_bf16(int64_t n, const vlseg_bf16 *x, vlseg_bf16 *y);
void vlseg_gelu_backward_bf16(int64_t n, const vlseg_bf16 *x, const vlseg_bf16 *dy, vlseg_bf16 *dx);
void vlseg_leaky_relu_forward_bf16(int64_t n, float slope, const vlseg_bf16 *x, vlseg_bf16 *y);
void vlseg_leaky_relu_backward_bf16(int64_t n, float slope, const vlseg_bf16 *x, const vlseg_bf16 *dy, vlseg_bf16 *dx);
void vlseg_dropout_bf16(int64_t n, float p, uint64_t seed, const vlseg_bf16 *x, vlseg_bf16 *y);
int vlseg_all_finite_bf16(int64_t n, const vlseg_bf16 *x);
void vlseg_add_bias_bf16(int64_t rows, int64_t c, const float *bias, vlseg_bf16 *y);
void vlseg_bias_gradient_bf16(int64_t rows, int64_t c, const vlseg_bf16 *dy, float *db);
void vlseg_add_table_bf16(int64_t rows, int64_t period, int64_t c, const vlseg_bf16 *x, const float *table, vlseg_bf16 *y);
void vlseg_copy_columns_bf16(int64_t rows, int64_t c, const vlseg_bf16 *x, int64_t ldx, vlseg_bf16 *y, int64_t ldy, int accumulate);
void vlseg_layer_norm_forward_bf16(int64_t rows, int64_t c, float eps, const vlseg_bf16 *x, const float *gamma, const float *beta,
                                   vlseg_bf16 *y, float *mean, float *rstd);
void vlseg_layer_norm_backward_bf16(int64_t rows, int64_t c, const vlseg_bf16 *x, const float *gamma, const float *mean, const float *rstd,
                                    const vlseg_bf16 *dy, vlseg_bf16 *dx, float *dgamma, float *dbeta);
void vlseg_batch_norm_forward_bf16(int64_t rows, int64_t c, float eps, float momentum, float slope, const vlseg_bf16 *x, const float *gamma,
                                   const float *beta, float *running_mean, float *running_var, vlseg_bf16 *y, float *mean, float *rstd);
void vlseg_batch_norm_inference_bf16(int64_t rows, int64_t c, float eps, float slope, const vlseg_bf16 *x, const float *gamma,
                                     const float *beta, const float *running_mean, const float *running_var, vlseg_bf16 *y);
void vlseg_batch_norm_backward_bf16(int64_t rows, int64_t c, float slope, const vlseg_bf16 *x, const float *gamma, const float *beta,
                                    const float *mean, const float *rstd, const vlseg_bf16 *dy, vlseg_bf16 *dx, float *dgamma,
                                    float *dbeta);
void vlseg_gelu_bias_forward_bf16(int64_t rows, int64_t c, const float *bias, vlseg_bf16 *x, vlseg_bf16 *y);
void vlseg_gelu_bias_backward_bf16(int64_t rows, int64_t c, const vlseg_bf16 *x, const vlseg_bf16 *dy, vlseg_bf16 *dx, float *db,
                                   vlseg_bf16 *y);
void vlseg_depthwise_forward_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *x, const float *weight,
                                  const float *bias, vlseg_bf16 *y);
void vlseg_depthwise_backward_data_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *dy, const float *weight,
                                        vlseg_bf16 *dx);
void vlseg_depthwise_backward_weight_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *x, const vlseg_bf16 *dy,
                                          float *dweight, float *dbias);
void vlseg_patch_gather_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *x, vlseg_bf16 *rows);
void vlseg_patch_scatter_bf16(int64_t b, int64_t h, int64_t w, int64_t c, int64_t k, const vlseg_bf16 *rows, vlseg_bf16 *x);
void vlseg_normalise_images_bf16(int64_t b, int64_t pixels, int64_t c, const uint8_t *x, vlseg_bf16 *y);
void vlseg_attention_forward_bf16(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const vlseg_bf16 *q, int64_t ldq,
                                  const vlseg_bf16 *k, int64_t ldk, const vlseg_bf16 *v, int64_t ldv, const uint8_t *mask, float scale,
                                  float p, uint64_t seed, vlseg_gemm gemm, vlseg_bf16 *out, int64_t ldo, float *lse);
void vlseg_attention_backward_bf16(int64_t b, int64_t heads, int64_t lq, int64_t lk, int64_t d, const vlseg_bf16 *q, int64_t ldq,
                                   const vlseg_bf16 *k, int64_t ldk, const vlseg_bf16 *v, int64_t ldv, const uint8_t *mask, float scale,
                                   float p, uint64_t seed, vlseg_gemm gemm, const vlseg_bf16 *out, int64_t ldo, const float *lse,
                                   const vlseg_bf16 *dout, int64_t lddo, vlseg_bf16 *dq, int64_t lddq, vlseg_bf16 *dk, int64_t lddk,
                                   vlseg_bf16 *dv, int64_t lddv);
void vlseg_window_attention_forward_bf16(const struct vlseg_windows *shape, const vlseg_bf16 *qkv, const float *table, vlseg_bf16 *out,
                                         float *log_sums);
void vlseg_window_attention_backward_bf16(const struct vlseg_windows *shape, const vlseg_bf16 *qkv, const float *table,
                                          const float *log_sums, const vlseg_bf16 *dout, vlseg_bf16 *dqkv, float *dtable);
void vlseg_scale_rows_bf16(int64_t rows, int64_t c, const float *scale, const float *x, vlseg_bf16 *y); // of float32 values, rounded once
// AdamW as vlseg_adamw (the same bits). The same pass also writes copy = p as bfloat16 (unless NULL) and g = 0 (if requested).
void vlseg_adamw_bf16(int64_t n, float *p, float *g, float *m, float *v, float lr, float beta1, float beta2, float eps, float weight_decay,
                      int64_t step, vlseg_bf16 *copy, int zero_gradients);

#ifdef __cplusplus
}
#endif
