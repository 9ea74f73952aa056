// All kernels with activations in bfloat16, as functions of this program.
#include "emulation.h"
#include "common.cuh"

#define KERNEL_FORMAT "bf16"
namespace {
namespace bfloat16_kernels {
typedef bf16 T;
#include "kernels.inc.h"
#define KERNEL_FILE "attention_tensor_cores"
#include "attention_tensor_cores.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "depthwise_tensor_cores"
#include "depthwise_tensor_cores.cu"
#undef KERNEL_FILE
} // namespace bfloat16_kernels
} // namespace
