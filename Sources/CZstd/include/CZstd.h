// Zstandard frames as shards need them: one frame, content size on, checksum on.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The largest compressed size of `count` bytes.
size_t vlseg_zstd_bound(size_t count);

// Compresses into one frame with content size and checksum; level 3 with a match search fit for pictures. Returns the compressed size, or 0
// on failure (then *reason names it).
size_t vlseg_zstd_compress(int level, const void *source, size_t count, void *target, size_t capacity, const char **reason);

// The content size that the first frame declares; -1 not declared, -2 not a zstd frame.
int64_t vlseg_zstd_declared_size(const void *source, size_t count);

// Decompresses up to `capacity` bytes from `source` and stops there, at the frame's end, or where the data end or break.
// Returns how many bytes came out. *state: 1 the frame ended and its checksum holds, 0 it did not end yet, -1 damaged
// (*reason says how). *used is the number of source bytes consumed.
size_t vlseg_zstd_decompress(const void *source, size_t count, void *target, size_t capacity, int *state, size_t *used,
                             const char **reason);

// A decompressor that is used again and again, by one thread at a time. NULL when memory is out; the calls below then fail.
typedef struct ZSTD_DCtx_s ZSTD_DCtx;
ZSTD_DCtx *vlseg_zstd_decompressor(void);
void vlseg_zstd_free(ZSTD_DCtx *context);

// Decompresses the one frame that `source` must be, of exactly `size` bytes. Returns 1, or 0 and *reason.
// `checked`: the source is known to be what was written, so the frame's own checksum of its content needs no second look.
int vlseg_zstd_unpack(ZSTD_DCtx *context, const void *source, size_t count, void *target, size_t size, int checked, const char **reason);

// As much of the first `capacity` bytes as `count` bytes of a frame give; returns how many.
size_t vlseg_zstd_unpack_prefix(ZSTD_DCtx *context, const void *source, size_t count, void *target, size_t capacity);
