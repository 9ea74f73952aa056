// Everything that is compiled per instruction set; kernels_*.c include it after they set LANES and the target attribute.
// All functions are static, so the linker cannot replace a function of one instruction set by another's.
#define VLSEG_ENTRY(NAME) .NAME = NAME,
#pragma clang fp contract(fast)
#include "vector.inc.h"
#include "functions.inc.h"
#include "chunks.inc.h"
#include "small_products.inc.h"

#define element vlseg_bf16
#define TYPED(NAME) NAME##_bf16
#include "typed.inc.h"
#undef MAP1
#undef MAP2
#undef RUN_MAP
#undef BATCH_NORM_GRADIENT
#undef element
#undef TYPED

#define element float
#define TYPED(NAME) NAME
#include "typed.inc.h"

// float32 only from here on.
#include "activations.inc.h"
#include "softmax.inc.h"
#include "conv1d.inc.h"
#include "convolution.inc.h"
#include "scan.inc.h"
#include "losses.inc.h"
#include "optimizer.inc.h"
#include "conversions.inc.h"
#include "scaled_rows.inc.h"
#include "winograd.inc.h"
