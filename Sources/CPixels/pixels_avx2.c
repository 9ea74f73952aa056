// The kernels compiled for AVX2.
#if defined(__x86_64__)
#include "pixels.h"
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2,bmi2"))), apply_to = function)
#include "pixels.inc.h"
#pragma clang attribute pop
const struct vlpx_table vlpx_table_avx2 = VLPX_TABLE("avx2");
#endif
