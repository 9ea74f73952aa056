// The kernels compiled for AVX-512 (16 floats per vector).
#if defined(__x86_64__)
#include "kernels.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>
#define LANES 16
#define VLSEG_AVX512 1
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,bmi2"))), apply_to = function)
#include "kernels.inc.h"
#pragma clang attribute pop
const struct vlseg_table vlseg_table_avx512 = {.name = "avx512", VLSEG_KERNELS(VLSEG_ENTRY)};
#endif
