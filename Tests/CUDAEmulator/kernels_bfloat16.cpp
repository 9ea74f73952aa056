// All kernels with activations in bfloat16, as functions of this program.
#include "emulation.h"
#include "common.cuh"

#define KERNEL_FORMAT "bf16"
namespace {
namespace bfloat16_kernels {
typedef bf16 T;
#define KERNEL_FILE "attention"
#include "attention.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "attention_tensor_cores"
#include "attention_tensor_cores.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "depthwise"
#include "depthwise.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "depthwise_tensor_cores"
#include "depthwise_tensor_cores.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "losses"
#include "losses.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "norms"
#include "norms.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "optimizer"
#include "optimizer.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "pointwise"
#include "pointwise.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "rows"
#include "rows.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "sequences"
#include "sequences.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "spatial"
#include "spatial.cu"
#undef KERNEL_FILE
} // namespace bfloat16_kernels
} // namespace
