// The files of kernels that exist for every format; T and KERNEL_FORMAT say which.
#define KERNEL_FILE "attention"
#include "attention.cu"
#undef KERNEL_FILE
#define KERNEL_FILE "convolution"
#include "convolution.cu"
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
#define KERNEL_FILE "windows"
#include "windows.cu"
#undef KERNEL_FILE
