// CPixels: byte kernels for pictures: resampling passes, exact in integers; normalisation of a picture to float32; the channel spread of
// masks, and selection of their pixels. Not for decoding or float tensors (CKernels). No threads, no own memory, and no state except the
// choice of instruction set. One source is compiled for AVX-512, AVX2 and the base architecture and chosen at run time; the results are the
// same bits on all of them. Letters: c interleaved channels (1 or 3).
#pragma once
#include <stddef.h>
#include <stdint.h>

const char *vlpx_instruction_set(void);            // "avx512" | "avx2" | "portable"
int vlpx_select_instruction_set(const char *name); // of the calling thread, for tests; 0 ok, -1 not supported here

// For every output position: the first input position, the number of input positions, and their weights (22 fractional bits), `stride`
// apart.
typedef struct {
    const int32_t *starts, *counts, *weights;
    int64_t stride, outputs;
} vlpx_weights;

// Bytes of workspace that vlpx_resample_rows needs.
size_t vlpx_rows_scratch(int64_t width, int64_t c, int64_t outputs);
// Each of `rows` lines of `width` pixels becomes a line of w->outputs pixels: sum of weight * sample, rounded, clamped to 0...255.
void vlpx_resample_rows(const uint8_t *source, int64_t width, int64_t rows, int64_t c, const vlpx_weights *w, uint8_t *target,
                        uint8_t *scratch);
// The same along columns: w->outputs lines of `samples` bytes, from lines that are `samples` bytes apart; `source` is line number `first`.
void vlpx_resample_columns(const uint8_t *source, int64_t samples, int64_t first, const vlpx_weights *w, uint8_t *target);

// uint8 [pixels, c] -> float32 [pixels, 3]: (x - mean) / std per channel, population std, std 0 counts as 1. Sums are exact; mean and 1 /
// std are rounded to float32 once. Stores bypass the caches if `target` is 64-byte aligned; other threads see them on return.
void vlpx_normalise(const uint8_t *source, int64_t pixels, int64_t c, float *target);

// The largest difference between the three channels of a pixel; *index is the first pixel that has it.
int vlpx_channel_spread(const uint8_t *source, int64_t pixels, int64_t *index);

// target[y, x] = source[rows[y] * line + columns[x]] >= threshold, as 1 or 0; `columns` are byte offsets within a line. Consecutive equal
// rows are computed once.
void vlpx_pick_binary(const uint8_t *source, int64_t line, const int32_t *rows, int64_t row_count, const int32_t *columns,
                      int64_t column_count, int threshold, uint8_t *target);

// tally[4 * value + kind] counts the pixels of each value. Kind 1: no pixel in the 3x3 neighbourhood differs by more than `tolerance`. Kind
// 2: one neighbour is lower by more than that and one is higher. Kind 0: all others. `scratch` holds 2 * width + 4 samples; the caller must
// clear `tally`.
void vlpx_mask_tally(const uint16_t *source, int64_t width, int64_t height, int tolerance, uint16_t *scratch, uint32_t *tally);
