// WebP through libwebp, as plain calls: libwebp's entry points are inline functions with version numbers. Not for later frames, size limits
// or orientation (Imaging). Invariant: no library state outlives a call. Free returned buffers with vlwebp_free.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define VLWEBP_MESSAGE_SIZE 256

typedef struct {
    uint32_t width, height;                        // of the canvas
    uint32_t left, top, frame_width, frame_height; // of the first frame; the whole canvas unless the file is an animation
    int has_alpha;                                 // of the file
    int lossy;                                     // the first frame is coded as lossy
    int frames;
} vlwebp_header;

// EXIF and XMP blocks of the file; free them with vlwebp_free. NULL if absent.
typedef struct {
    uint8_t *exif;
    size_t exif_size;
    uint8_t *xmp;
    size_t xmp_size;
} vlwebp_metadata;

// Return 0 on success; else 1, with the reason in message (VLWEBP_MESSAGE_SIZE bytes).
int vlwebp_read_header(const uint8_t *data, size_t size, vlwebp_header *header, char *message);

// Fills pixels (width * height * 4) with the canvas after the first frame: red, green, blue, alpha; transparent black outside the frame.
int vlwebp_decode(const uint8_t *data, size_t size, uint8_t *pixels, size_t capacity, vlwebp_metadata *metadata, char *message);

void vlwebp_free(void *pointer);
