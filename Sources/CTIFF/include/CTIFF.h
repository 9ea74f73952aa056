// TIFF decoding through libtiff from memory, as plain calls: libtiff reports errors through variadic handlers and reads tags through
// variadic functions; Swift can use neither. Not for the meaning of the samples (Imaging's TIFFDecoder).
// Invariant: no library state outlives a call. Free returned buffers with vltiff_free.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define VLTIFF_MESSAGE_SIZE 256

typedef struct {
    uint32_t width, height;
    int bits_per_sample;   // as delivered in the rows
    int samples_per_pixel; // as delivered; colour samples first
    int sample_format;     // 1 unsigned integer, 2 signed integer, 3 floating point, ...
    int photometric;       // 0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 CMYK, 6 YCbCr, ...
    int planar;            // 1 samples interleaved, 2 one plane a sample
    int compression;
    int extra_samples;
    int first_extra;      // meaning of the first extra sample: -1 not stated, 0 unspecified, 1 associated alpha, 2 unassociated alpha
    int orientation;      // tag 274; 1 if absent
    int ink_set;          // CMYK: 1
    int more_pages;       // another directory follows
    int through_rgba;     // libtiff converts the rows: 8-bit RGBA, interleaved (chroma-subsampled data only)
    uint64_t row_bytes;   // of one row of one plane
    uint64_t total_bytes; // of all rows and planes: the size that vltiff_decode fills
} vltiff_header;

// Return 0 on success; else 1 (damaged) or 2 (no decoder for its compression), with the reason in message.
int vltiff_read_header(const uint8_t *data, size_t size, vltiff_header *header, char *message);

// Fills target with the rows of the first page, [planes][height][row_bytes]; 16-bit samples are in the machine's byte order.
// colormap receives 3 * 2^bits values for palette images (reds, greens, blues) and is unchanged otherwise; it must hold 3 * 65536.
int vltiff_decode(const uint8_t *data, size_t size, uint8_t *target, size_t capacity, uint16_t *colormap, char *message);
