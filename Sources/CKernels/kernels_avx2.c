// The kernels compiled for AVX2 and FMA (8 floats per vector).
#if defined(__x86_64__)
#include "kernels.h"
#include <math.h>
#include <string.h>
#define LANES 8
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi2"))), apply_to = function)
#include "kernels.inc.h"
#pragma clang attribute pop
const struct vlseg_table vlseg_table_avx2 = {.name = "avx2", VLSEG_KERNELS(VLSEG_ENTRY)};
#endif
