// JPEG decoding and encoding through libjpeg(-turbo), as plain calls: the library reports errors by longjmp, which must never jump across
// Swift code. Not for colour conversion of CMYK, orientation or limits (Imaging). Invariant: no library state outlives a call.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define VLJPEG_MESSAGE_SIZE 256

typedef struct {
    uint32_t width, height;
    int components;  // as stored: 1, 3 or 4
    int channels;    // of the decoded pixels: 1 grey, 3 RGB, 4 CMYK as stored (Adobe's files store it inverted)
    int color_space; // libjpeg's J_COLOR_SPACE of the stored data (JCS_YCCK = 5)
    int progressive;
} vljpeg_header;

// EXIF and XMP payloads (after their identifying prefix); free them with vljpeg_free. NULL if absent.
typedef struct {
    uint8_t *exif;
    size_t exif_size;
    uint8_t *xmp;
    size_t xmp_size;
} vljpeg_metadata;

// Both return 0 on success, 1 for damage or 2 for an unsupported kind of JPEG, with the reason in message.
int vljpeg_read_header(const uint8_t *data, size_t size, vljpeg_header *header, char *message);

// Exact integer DCT (ISLOW), smooth chroma upsampling. A premature end or other damage in the coded data is an error, although the library
// itself would continue with grey blocks. maximum_scans limits the work for a progressive file.
int vljpeg_decode(const uint8_t *data, size_t size, int maximum_scans, uint8_t *pixels, size_t capacity, vljpeg_metadata *metadata,
                  char *message);

// The same for a colour file (YCbCr) whose colours are all grey, such as a mask. It decodes one channel, equal to each of the three
// channels of vljpeg_decode, without computing the three. `capacity` is width * height. Returns 3 if the file does not qualify; then call
// vljpeg_decode.
int vljpeg_decode_grey(const uint8_t *data, size_t size, int maximum_scans, uint8_t *pixels, size_t capacity, vljpeg_metadata *metadata,
                       char *message);

// Encodes a baseline JPEG of 1 (grey) or 3 (RGB) channels. Returns 0 on success; free out with vljpeg_free.
int vljpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int quality, uint8_t **out, size_t *size,
                  char *message);

void vljpeg_free(void *pointer);
