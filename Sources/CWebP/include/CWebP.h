// WebP through libwebp, as plain calls: its entry points are inline functions with version numbers. Not for: frames beyond the first,
// limits on sizes, orientation (Imaging's). Invariant: no library state outlives a call; buffers handed out are freed with vlwebp_free.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define VLWEBP_MESSAGE_SIZE 256

typedef struct {
    uint32_t width, height;                        // of the canvas
    uint32_t left, top, frame_width, frame_height; // of the first frame; the whole canvas but for animations
    int has_alpha;                                 // of the file
    int lossy;                                     // the first frame is coded as lossy
    int frames;
} vlwebp_header;

// EXIF and XMP blocks found in the file, to be freed with vlwebp_free; NULL where absent.
typedef struct {
    uint8_t *exif;
    size_t exif_size;
    uint8_t *xmp;
    size_t xmp_size;
} vlwebp_metadata;

// Return 0 on success; else 1, with the reason in message (VLWEBP_MESSAGE_SIZE bytes).
int vlwebp_read_header(const uint8_t *data, size_t size, vlwebp_header *header, char *message);

// Fills pixels (width * height * 4) with the canvas after the first frame: red, green, blue, alpha; transparent black where the frame is
// not.
int vlwebp_decode(const uint8_t *data, size_t size, uint8_t *pixels, size_t capacity, vlwebp_metadata *metadata, char *message);

void vlwebp_free(void *pointer);
