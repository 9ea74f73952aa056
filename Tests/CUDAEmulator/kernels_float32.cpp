// All kernels with activations in float32, as functions of this program.
#include "emulation.h"
#include "common.cuh"

#define KERNEL_FORMAT "fp32"
namespace {
namespace float32_kernels {
typedef float T;
#define KERNEL_FILE "attention"
#include "attention.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "depthwise"
#include "depthwise.cu"
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
} // namespace float32_kernels
} // namespace
