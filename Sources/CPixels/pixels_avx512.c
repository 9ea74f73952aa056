// The kernels compiled for AVX-512.
#if defined(__x86_64__)
#include "pixels.h"
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,bmi2"))), apply_to = function)
#include "pixels.inc.h"
#pragma clang attribute pop
const struct vlpx_table vlpx_table_avx512 = VLPX_TABLE("avx512");
#endif
