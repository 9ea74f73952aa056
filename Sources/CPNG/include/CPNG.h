// PNG through libpng, as plain calls: libpng reports errors by longjmp, which must never jump across Swift code, so every call that may
// jump is made here. Not for limits, notes or orientation (Imaging).
// Invariant: no libpng state outlives a call. Free returned buffers with vlpng_free.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define VLPNG_MESSAGE_SIZE 256

typedef struct {
    uint32_t width, height;
    int bit_depth;        // as stored: 1, 2, 4, 8, 16
    int color_type;       // PNG colour type: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGB + alpha
    int interlaced;       // Adam7
    int has_transparency; // an alpha channel or a tRNS chunk
    int channels;         // of the decoded pixels: 1 or 3
    int stored_channels;  // of the stored samples: 1 to 4
    uint64_t raw_bytes;   // size of the filtered data inside the compressed stream, a lower bound for interlaced images
} vlpng_header;

// EXIF and XMP blocks of the file; free them with vlpng_free. NULL if absent.
typedef struct {
    uint8_t *exif;
    size_t exif_size;
    uint8_t *xmp;
    size_t xmp_size;
} vlpng_metadata;

// All return 0 on success; else 1, with the reason in message (VLPNG_MESSAGE_SIZE bytes).
int vlpng_read_header(const uint8_t *data, size_t size, vlpng_header *header, char *message);

// Decodes 8-bit grey or RGB rows into pixels (width * height * channels bytes). 16-bit samples keep their high byte; palettes become RGB;
// grey below 8 bits is scaled to 0..255; alpha is dropped, not composed. Damage inside the image data is an error.
int vlpng_decode(const uint8_t *data, size_t size, uint8_t *pixels, size_t capacity, vlpng_metadata *metadata, char *message);

// The data besides the header that give stored samples their meaning.
typedef struct {
    uint8_t palette[256 * 3];   // red, green, blue
    int palette_count;          // 0 if the picture has no palette
    uint8_t palette_alpha[256]; // of the first palette_alpha_count entries; the others are opaque
    int palette_alpha_count;
    int has_key; // one colour is transparent (tRNS of grey and RGB pictures)
    uint16_t key[3];
} vlpng_meaning;

// Decodes the samples as stored, including alpha: grey below 8 bits is not scaled, palettes stay indexes, 16-bit samples keep both bytes.
// samples receives width * height * stored_channels values. Damage inside the image data is an error, as above.
int vlpng_decode_stored(const uint8_t *data, size_t size, uint16_t *samples, size_t capacity, vlpng_meaning *meaning,
                        vlpng_metadata *metadata, char *message);

// Encodes 8-bit grey (1 channel) or RGB (3 channels) rows; free *out with vlpng_free.
int vlpng_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int level, uint8_t **out, size_t *out_size,
                 char *message);

void vlpng_free(void *pointer);
