// All kernels with activations in float32, as functions of this program.
#include "emulation.h"
#include "common.cuh"

#define KERNEL_FORMAT "fp32"
namespace {
namespace float32_kernels {
typedef float T;
#include "kernels.inc.h"
} // namespace float32_kernels
} // namespace
