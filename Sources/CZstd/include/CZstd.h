// Zstandard frames for shards: one frame, content size on, checksum on.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The largest compressed size of `count` bytes.
size_t vlseg_zstd_bound(size_t count);

// Compresses into one frame with content size and checksum: level 3 with a match search that suits pictures. Returns the compressed size,
// or 0 on failure (then *reason names it).
size_t vlseg_zstd_compress(int level, const void *source, size_t count, void *target, size_t capacity, const char **reason);

// The content size that the first frame declares; -1 not declared, -2 not a zstd frame.
int64_t vlseg_zstd_declared_size(const void *source, size_t count);

// Decompresses up to `capacity` bytes from `source`. Stops there, at the end of the frame, or where the data end or are damaged.
// Returns the number of bytes written. *state: 1 the frame ended and its checksum is right, 0 it did not end yet, -1 damaged (*reason says
// how). *used is the number of consumed source bytes.
size_t vlseg_zstd_decompress(const void *source, size_t count, void *target, size_t capacity, int *state, size_t *used,
                             const char **reason);

// A reusable decompressor, for one thread at a time. NULL if memory is exhausted; the calls below then fail.
typedef struct ZSTD_DCtx_s ZSTD_DCtx;
ZSTD_DCtx *vlseg_zstd_decompressor(void);
void vlseg_zstd_free(ZSTD_DCtx *context);

// Decompresses `source`, which must be one frame of exactly `size` bytes. Returns 1, or 0 and *reason.
// `checked`: the source is known to be intact, so the frame's own content checksum is not compared again.
int vlseg_zstd_unpack(ZSTD_DCtx *context, const void *source, size_t count, void *target, size_t size, int checked, const char **reason);

// Unpacks as much of the first `capacity` bytes as `count` bytes of a frame contain; returns their number.
size_t vlseg_zstd_unpack_prefix(ZSTD_DCtx *context, const void *source, size_t count, void *target, size_t capacity);
