// The libwebp calls behind CWebP.h.
#include "CWebP.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

static int fail(const char *text, char *message) {
    snprintf(message, VLWEBP_MESSAGE_SIZE, "%s", text);
    return 1;
}

static const char *reason(VP8StatusCode status) {
    switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED: return "the file ends before the image does";
    case VP8_STATUS_OUT_OF_MEMORY: return "out of memory";
    case VP8_STATUS_UNSUPPORTED_FEATURE: return "a kind of WebP that libwebp does not read";
    default: return "the image data cannot be decoded";
    }
}

// Opens the file's chunks and its first frame; the caller releases both. Returns NULL with a message if the file is damaged.
static WebPDemuxer *begin(const uint8_t *data, size_t size, vlwebp_header *h, WebPIterator *frame, char *message) {
    WebPData file = {data, size};
    WebPDemuxState state;
    WebPDemuxer *demuxer = WebPDemuxPartial(&file, &state);
    if (state != WEBP_DEMUX_DONE || !demuxer || !WebPDemuxGetFrame(demuxer, 1, frame)) {
        WebPDemuxDelete(demuxer);
        fail(state == WEBP_DEMUX_PARSING_HEADER || state == WEBP_DEMUX_PARSED_HEADER ? reason(VP8_STATUS_NOT_ENOUGH_DATA)
                                                                                     : "its chunks are not those of a WebP file",
             message);
        return NULL;
    }
    memset(h, 0, sizeof *h);
    h->width = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
    h->height = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
    h->frames = (int)WebPDemuxGetI(demuxer, WEBP_FF_FRAME_COUNT);
    h->left = (uint32_t)frame->x_offset;
    h->top = (uint32_t)frame->y_offset;
    h->frame_width = (uint32_t)frame->width;
    h->frame_height = (uint32_t)frame->height;
    WebPBitstreamFeatures features;
    VP8StatusCode status = WebPGetFeatures(frame->fragment.bytes, frame->fragment.size, &features);
    const char *wrong = status != VP8_STATUS_OK ? reason(status)
                        : (uint32_t)features.width != h->frame_width || (uint32_t)features.height != h->frame_height ||
                                (uint64_t)h->left + h->frame_width > h->width || (uint64_t)h->top + h->frame_height > h->height
                            ? "a frame does not have the size that its header declares"
                            : NULL;
    if (wrong) {
        WebPDemuxReleaseIterator(frame);
        WebPDemuxDelete(demuxer);
        fail(wrong, message);
        return NULL;
    }
    h->lossy = features.format != 2;
    h->has_alpha = features.has_alpha || (WebPDemuxGetI(demuxer, WEBP_FF_FORMAT_FLAGS) & ALPHA_FLAG) != 0;
    return demuxer;
}

int vlwebp_read_header(const uint8_t *data, size_t size, vlwebp_header *header, char *message) {
    WebPIterator frame;
    memset(&frame, 0, sizeof frame);
    WebPDemuxer *demuxer = begin(data, size, header, &frame, message);
    if (!demuxer) return 1;
    WebPDemuxReleaseIterator(&frame);
    WebPDemuxDelete(demuxer);
    return 0;
}

// Copies the first chunk of that name; if memory is short, the chunk counts as absent.
static void keep(const WebPDemuxer *demuxer, const char *name, uint8_t **target, size_t *target_size) {
    WebPChunkIterator chunk;
    memset(&chunk, 0, sizeof chunk);
    if (WebPDemuxGetChunk(demuxer, name, 1, &chunk) && chunk.chunk.size > 0) {
        *target = malloc(chunk.chunk.size);
        if (*target) {
            memcpy(*target, chunk.chunk.bytes, chunk.chunk.size);
            *target_size = chunk.chunk.size;
        }
    }
    WebPDemuxReleaseChunkIterator(&chunk);
}

int vlwebp_decode(const uint8_t *data, size_t size, uint8_t *pixels, size_t capacity, vlwebp_metadata *metadata, char *message) {
    memset(metadata, 0, sizeof *metadata);
    WebPIterator frame;
    memset(&frame, 0, sizeof frame);
    vlwebp_header h;
    WebPDemuxer *demuxer = begin(data, size, &h, &frame, message);
    if (!demuxer) return 1;
    int status = 0;
    WebPDecoderConfig config;
    if ((uint64_t)h.width * h.height * 4 != capacity) {
        status = fail("the image does not have the size that its header declares", message);
    } else if (!WebPInitDecoderConfig(&config)) {
        status = fail("libwebp cannot start", message);
    } else {
        size_t stride = (size_t)h.width * 4, first = h.top * stride + (size_t)h.left * 4;
        if (h.frame_width != h.width || h.frame_height != h.height) memset(pixels, 0, capacity);
        config.output.colorspace = MODE_RGBA;
        config.output.is_external_memory = 1;
        config.output.u.RGBA.rgba = pixels + first;
        config.output.u.RGBA.stride = (int)stride;
        config.output.u.RGBA.size = capacity - first;
        VP8StatusCode code = WebPDecode(frame.fragment.bytes, frame.fragment.size, &config);
        if (code != VP8_STATUS_OK) status = fail(reason(code), message);
        WebPFreeDecBuffer(&config.output);
    }
    if (status == 0) {
        keep(demuxer, "EXIF", &metadata->exif, &metadata->exif_size);
        keep(demuxer, "XMP ", &metadata->xmp, &metadata->xmp_size);
    }
    WebPDemuxReleaseIterator(&frame);
    WebPDemuxDelete(demuxer);
    return status;
}

void vlwebp_free(void *pointer) { free(pointer); }
