// Shared between the files of this target: the table of kernels per instruction set. Not public.
#pragma once
#include "CPixels.h"

#define VLPX_HIDDEN __attribute__((visibility("hidden")))

struct vlpx_table {
    const char *name;
    void (*rows)(const uint8_t *, int64_t, int64_t, int64_t, const vlpx_weights *, uint8_t *, uint8_t *);
    void (*columns)(const uint8_t *, int64_t, int64_t, const vlpx_weights *, uint8_t *);
    void (*normalise)(const uint8_t *, int64_t, int64_t, float *);
    int (*spread)(const uint8_t *, int64_t, int64_t *);
    void (*pick)(const uint8_t *, int64_t, const int32_t *, int64_t, const int32_t *, int64_t, int, uint8_t *);
};

extern const struct vlpx_table vlpx_table_portable VLPX_HIDDEN;
#if defined(__x86_64__)
extern const struct vlpx_table vlpx_table_avx2 VLPX_HIDDEN;
extern const struct vlpx_table vlpx_table_avx512 VLPX_HIDDEN;
#endif
