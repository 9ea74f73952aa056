// Shared between the files of this target: the table of instruction-set specific kernels, and per-thread scratch memory. Not public.
// A kernel in the table has the type of the public function of the same name (vlseg_NAME); the public functions (api.c) call the table.
#pragma once
#include "CKernels.h"
#include <stddef.h>

// Lists, not expressions:
// clang-format off

// The kernels of one element type, float32 or bfloat16 (typed.inc.h): X(NAME) and X(NAME_bf16).
#define VLSEG_TYPED_KERNELS(X, SUFFIX) \
    X(add##SUFFIX) X(add_scaled##SUFFIX) X(accumulate##SUFFIX) X(scale##SUFFIX) X(dot##SUFFIX) X(gelu_forward##SUFFIX) \
    X(gelu_backward##SUFFIX) X(leaky_relu_forward##SUFFIX) X(leaky_relu_backward##SUFFIX) X(dropout##SUFFIX) X(all_finite##SUFFIX) \
    X(add_bias##SUFFIX) X(bias_gradient##SUFFIX) X(add_table##SUFFIX) X(copy_columns##SUFFIX) X(layer_norm_forward##SUFFIX) \
    X(layer_norm_backward##SUFFIX) X(batch_norm_forward##SUFFIX) \
    X(batch_norm_inference##SUFFIX) X(batch_norm_backward##SUFFIX) X(gelu_bias_forward##SUFFIX) X(gelu_bias_backward##SUFFIX) \
    X(depthwise_forward##SUFFIX) X(depthwise_backward_data##SUFFIX) X(depthwise_backward_weight##SUFFIX) \
    X(attention_forward##SUFFIX) X(attention_backward##SUFFIX) \
    X(window_attention_forward##SUFFIX) X(window_attention_backward##SUFFIX)

// Every kernel that is compiled per instruction set.
#define VLSEG_KERNELS(X) \
    VLSEG_TYPED_KERNELS(X, ) VLSEG_TYPED_KERNELS(X, _bf16) \
    X(tanh_forward) X(tanh_backward) X(softplus_forward) X(softplus_backward) X(sigmoid_forward) X(sigmoid_backward) X(softmax_rows) \
    X(conv1d_forward) X(conv1d_backward) X(scan_forward) X(scan_backward) X(dice_sums) \
    X(dice_gradient) X(entropy) X(entropy_gradient) X(bce) X(bce_gradient) X(bce_classes) X(bce_classes_gradient) \
    X(spectral_terms) X(confusion) X(sgd) \
    X(adamw) X(adamw_bf16) X(bf16_from_float) X(float_from_bf16) X(scale_rows) X(scale_rows_bf16) X(scaled_linear_backward) \
    X(window_forward) X(window_backward_data) X(window_backward_weight) \
    X(convolution3x3_forward) X(convolution3x3_backward_data) X(convolution3x3_backward_weight)

// clang-format on

struct vlseg_table {
    const char *name;
#define VLSEG_FIELD(NAME) __typeof__(&vlseg_##NAME) NAME;
    VLSEG_KERNELS(VLSEG_FIELD)
#undef VLSEG_FIELD
};

/// Number of points in a tile of F(2x2, 3x3), and number of tiles per pass, which depends on the channels only.
enum { VLSEG_WINOGRAD_POINTS = 16 };
static inline int64_t vlseg_winograd_pass(int64_t tiles, int64_t channels) {
    int64_t fit = ((int64_t)12 << 20) / (VLSEG_WINOGRAD_POINTS * (int64_t)sizeof(float)) / (channels > 0 ? channels : 1);
    if (fit > tiles) fit = tiles;
    return fit > 0 ? fit : 1;
}

#define VLSEG_HIDDEN __attribute__((visibility("hidden")))

extern const struct vlseg_table vlseg_table_portable VLSEG_HIDDEN;
#if defined(__x86_64__)
extern const struct vlseg_table vlseg_table_avx2 VLSEG_HIDDEN;
extern const struct vlseg_table vlseg_table_avx512 VLSEG_HIDDEN;
#endif

/// The active table.
VLSEG_HIDDEN const struct vlseg_table *vlseg_kernels(void);

// A thread may hold two buffers at once: partial sums of a reduction (the caller of vlseg_parallel) and workspace (a worker).
enum vlseg_scratch_use { VLSEG_SCRATCH_PARTIALS = 0, VLSEG_SCRATCH_WORK = 1, VLSEG_SCRATCH_COUNT = 2 };

/// At least `bytes` of this thread's memory, 64-byte aligned, with undefined contents; valid until the same thread asks for the same use
/// again.
VLSEG_HIDDEN void *vlseg_scratch(enum vlseg_scratch_use use, size_t bytes);
