// Zstandard frames: see CZstd.h.
#include "CZstd.h"

// For ZSTD_d_forceIgnoreChecksum, which every release since 1.4.8 has.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

size_t vlseg_zstd_bound(size_t count) { return ZSTD_compressBound(count); }

size_t vlseg_zstd_compress(int level, const void *source, size_t count, void *target, size_t capacity, const char **reason) {
    ZSTD_CCtx *context = ZSTD_createCCtx();
    *reason = "out of memory";
    if (context == NULL) return 0;
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    if (level == 3) {
        // Level 3 searches twice for each match, in tables of two lengths, which gains little for photographs. One search for matches of
        // five bytes or more takes less than half the time; the frames are 1 % larger (docs/decisions/zstd-level.md).
        ZSTD_CCtx_setParameter(context, ZSTD_c_strategy, ZSTD_fast);
        ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, 5);
        ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, 14);
        ZSTD_CCtx_setParameter(context, ZSTD_c_targetLength, 1);
    }
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t size = ZSTD_compress2(context, target, capacity, source, count);
    ZSTD_freeCCtx(context);
    if (!ZSTD_isError(size)) return size;
    *reason = ZSTD_getErrorName(size);
    return 0;
}

int64_t vlseg_zstd_declared_size(const void *source, size_t count) {
    unsigned long long size = ZSTD_getFrameContentSize(source, count);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN) return -1;
    if (size == ZSTD_CONTENTSIZE_ERROR || size > INT64_MAX) return -2;
    return (int64_t)size;
}

size_t vlseg_zstd_decompress(const void *source, size_t count, void *target, size_t capacity, int *state, size_t *used,
                             const char **reason) {
    *state = -1;
    *used = 0;
    *reason = "out of memory";
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (context == NULL) return 0;
    ZSTD_inBuffer in = {source, count, 0};
    ZSTD_outBuffer out = {target, capacity, 0};
    *state = 0;
    *reason = "the data end before the frame does";
    for (;;) {
        size_t in_before = in.pos, out_before = out.pos;
        size_t left = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(left)) {
            *state = -1;
            *reason = ZSTD_getErrorName(left);
            break;
        }
        if (left == 0) {
            *state = 1;
            break;
        }
        if (in.pos == in_before && out.pos == out_before) break;
    }
    *used = in.pos;
    size_t written = out.pos;
    ZSTD_freeDCtx(context);
    return written;
}

ZSTD_DCtx *vlseg_zstd_decompressor(void) { return ZSTD_createDCtx(); }

void vlseg_zstd_free(ZSTD_DCtx *context) { ZSTD_freeDCtx(context); }

int vlseg_zstd_unpack(ZSTD_DCtx *context, const void *source, size_t count, void *target, size_t size, int checked, const char **reason) {
    *reason = "out of memory";
    if (context == NULL) return 0;
    ZSTD_DCtx_setParameter(context, ZSTD_d_forceIgnoreChecksum, checked ? ZSTD_d_ignoreChecksum : ZSTD_d_validateChecksum);
    size_t frame = ZSTD_findFrameCompressedSize(source, count);
    if (ZSTD_isError(frame)) {
        *reason = ZSTD_getErrorName(frame);
        return 0;
    }
    *reason = "bytes follow the compressed data";
    if (frame != count) return 0;
    size_t written = ZSTD_decompressDCtx(context, target, size, source, count);
    if (ZSTD_isError(written)) {
        *reason = ZSTD_getErrorName(written);
        return 0;
    }
    *reason = "holds fewer bytes than the index declares";
    return written == size;
}

size_t vlseg_zstd_unpack_prefix(ZSTD_DCtx *context, const void *source, size_t count, void *target, size_t capacity) {
    if (context == NULL) return 0;
    ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
    ZSTD_inBuffer in = {source, count, 0};
    ZSTD_outBuffer out = {target, capacity, 0};
    while (out.pos < capacity) {
        size_t in_before = in.pos, out_before = out.pos;
        size_t left = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(left) || left == 0 || (in.pos == in_before && out.pos == out_before)) break;
    }
    ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
    return out.pos;
}
