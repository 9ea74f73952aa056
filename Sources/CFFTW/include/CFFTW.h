// Real two-dimensional Fourier transforms and cosine transforms by FFTW (single precision). Unnormalised in both directions. Plans are made
// with FFTW_ESTIMATE, so the same input gives the same bits in every run. Several threads may call all functions at once.
#pragma once
#include <stdint.h>

typedef struct vlseg_fourier vlseg_fourier;
/// Plans for maps of rows x columns; null if out of memory.
vlseg_fourier *vlseg_fourier_create(int64_t rows, int64_t columns);
void vlseg_fourier_destroy(vlseg_fourier *fourier);
/// map [rows, columns] -> half spectrum [rows, columns/2+1] of interleaved complex numbers. Both are 16-byte aligned.
void vlseg_fourier_forward(const vlseg_fourier *fourier, const float *map, float *spectrum);
/// The inverse of the half spectrum (the mirrored half is implied); destroys `spectrum`.
void vlseg_fourier_inverse(const vlseg_fourier *fourier, float *spectrum, float *map);

typedef struct vlseg_cosine vlseg_cosine;
/// A plan for the two-dimensional cosine transform (DCT-II) of maps of rows x columns; null if out of memory.
vlseg_cosine *vlseg_cosine_create(int64_t rows, int64_t columns);
void vlseg_cosine_destroy(vlseg_cosine *cosine);
/// map [rows, columns] -> coefficients [rows, columns]; each is 4 times the sum of map times both cosines. Any alignment; not in place.
void vlseg_cosine_forward(const vlseg_cosine *cosine, const float *map, float *coefficients);
