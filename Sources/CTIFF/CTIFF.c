// The libtiff calls behind CTIFF.h.
#include "CTIFF.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

typedef struct {
    const uint8_t *data;
    uint64_t size, position;
    char *message; // the text of the first error
    int failed;
} memory_file;

static tmsize_t on_read(thandle_t handle, void *target, tmsize_t count) {
    memory_file *f = handle;
    if (count < 0 || f->position >= f->size) return 0;
    uint64_t rest = f->size - f->position, take = (uint64_t)count < rest ? (uint64_t)count : rest;
    memcpy(target, f->data + f->position, take);
    f->position += take;
    return (tmsize_t)take;
}

static tmsize_t on_write(thandle_t handle, void *source, tmsize_t count) {
    (void)handle;
    (void)source;
    (void)count;
    return -1;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence) {
    memory_file *f = handle;
    f->position = whence == SEEK_SET ? offset : whence == SEEK_CUR ? f->position + offset : f->size + offset;
    return f->position;
}

static int on_close(thandle_t handle) {
    (void)handle;
    return 0;
}
static toff_t on_size(thandle_t handle) { return ((memory_file *)handle)->size; }

static void keep_message(memory_file *f, const char *format, va_list arguments) {
    f->failed = 1;
    if (f->message[0] == 0) vsnprintf(f->message, VLTIFF_MESSAGE_SIZE, format, arguments);
}

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
    (void)tiff;
    (void)module;
    keep_message(user, format, arguments);
    return 1;
}

// Warnings about unknown tags are harmless. Warnings of the JPEG and fax decoders mean that the rows differ from the stored ones.
static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
    (void)tiff;
    if (module && (strstr(module, "JPEG") || strstr(module, "Fax") || strstr(module, "Decode"))) keep_message(user, format, arguments);
    return 1;
}

static TIFF *open_memory(memory_file *f) {
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options) return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, f);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, f);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)1 << 30);
    // "m": no memory mapping (the data are in memory already); without "h" the first directory is read at once.
    TIFF *tiff = TIFFClientOpenExt("image", "rm", f, on_read, on_write, on_seek, on_close, on_size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

static int fail(memory_file *f, int kind, const char *text) {
    if (f->message[0] == 0) snprintf(f->message, VLTIFF_MESSAGE_SIZE, "%s", text);
    return kind;
}

static int describe(TIFF *tiff, memory_file *f, vltiff_header *h) {
    memset(h, 0, sizeof *h);
    uint16_t bits = 1, samples = 1, format = SAMPLEFORMAT_UINT, photometric = 0, planar = PLANARCONFIG_CONTIG, compression = 1;
    uint16_t orientation = 1, ink_set = INKSET_CMYK, extra_count = 0, *extra_types = NULL;
    if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &h->width) || !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &h->height))
        return fail(f, 1, "no image width or length");
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &orientation);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_INKSET, &ink_set);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra_types);
    if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric)) return fail(f, 1, "no photometric interpretation");
    if (!TIFFIsCODECConfigured(compression)) {
        snprintf(f->message, VLTIFF_MESSAGE_SIZE, "compression scheme %d", compression);
        return 2;
    }
    h->bits_per_sample = bits;
    h->samples_per_pixel = samples;
    h->sample_format = format;
    h->photometric = photometric;
    h->planar = planar;
    h->compression = compression;
    h->extra_samples = extra_count;
    h->first_extra = extra_count > 0 && extra_types ? extra_types[0] : -1;
    h->orientation = orientation;
    h->ink_set = ink_set;
    h->more_pages = !TIFFLastDirectory(tiff);
    if (photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG && planar == PLANARCONFIG_CONTIG) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB); // the codec upsamples and converts, as for a JPEG file
        h->photometric = PHOTOMETRIC_RGB;
    } else if (photometric == PHOTOMETRIC_YCBCR) {
        h->through_rgba = 1;
        h->bits_per_sample = 8;
        h->samples_per_pixel = 4;
        h->extra_samples = 1;
        h->first_extra = 0; // libtiff's own default
        h->planar = PLANARCONFIG_CONTIG;
        h->photometric = PHOTOMETRIC_RGB;
        h->row_bytes = (uint64_t)h->width * 4;
        h->total_bytes = h->row_bytes * h->height;
        return 0;
    }
    // Sizes are computed from the header alone; if the library's size differs (odd subsampling), decoding refuses the file.
    uint64_t row_samples = (uint64_t)h->width * (planar == PLANARCONFIG_CONTIG ? samples : 1);
    h->row_bytes = (row_samples * bits + 7) / 8;
    h->total_bytes = h->row_bytes * h->height * (planar == PLANARCONFIG_CONTIG ? 1 : samples);
    return 0;
}

// libtiff reports success for some damaged strips and tiles without writing all of their bytes. So each is decoded twice, over zeros and
// over ones: bytes that differ are missing in the file.
typedef tmsize_t (*read_piece)(TIFF *, uint32_t, void *, tmsize_t);

static int read_whole(TIFF *tiff, memory_file *f, read_piece read, uint32_t number, uint8_t *target, uint8_t *again, tmsize_t wanted,
                      uint64_t row_bits) {
    memset(target, 0, (size_t)wanted);
    memset(again, 0xFF, (size_t)wanted);
    if (read(tiff, number, target, wanted) != wanted || f->failed) return 0;
    if (read(tiff, number, again, wanted) != wanted || f->failed) return 0;
    uint64_t row_bytes = (row_bits + 7) / 8, whole = row_bits / 8, rest = row_bits % 8;
    if (rest == 0) return memcmp(target, again, (size_t)wanted) == 0;
    // The bits behind a row's last sample are padding.
    for (const uint8_t *one = target, *other = again; one + row_bytes <= target + wanted; one += row_bytes, other += row_bytes)
        if (memcmp(one, other, whole) != 0 || (one[whole] ^ other[whole]) >> (8 - rest)) return 0;
    return 1;
}

static int read_strips(TIFF *tiff, memory_file *f, const vltiff_header *h, uint8_t *target, int planes) {
    uint32_t rows_per_strip = h->height;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows_per_strip);
    if (rows_per_strip == 0) return fail(f, 1, "strips of no rows");
    if (rows_per_strip > h->height) rows_per_strip = h->height;
    if ((uint64_t)TIFFScanlineSize64(tiff) != h->row_bytes) return fail(f, 1, "rows are not as long as width and samples say");
    uint64_t row_bits = (uint64_t)h->width * (planes == 1 ? (uint64_t)h->samples_per_pixel : 1) * (uint64_t)h->bits_per_sample;
    uint8_t *again = malloc((size_t)(h->row_bytes * rows_per_strip));
    if (!again) return fail(f, 1, "out of memory");
    int status = 0;
    for (int plane = 0; plane < planes && status == 0; plane++) {
        uint8_t *out = target + (uint64_t)plane * h->row_bytes * h->height;
        for (uint32_t row = 0; row < h->height && status == 0; row += rows_per_strip) {
            uint32_t rows = h->height - row < rows_per_strip ? h->height - row : rows_per_strip;
            tmsize_t wanted = (tmsize_t)(h->row_bytes * rows);
            uint32_t number = TIFFComputeStrip(tiff, row, (uint16_t)plane);
            if (!read_whole(tiff, f, TIFFReadEncodedStrip, number, out + h->row_bytes * row, again, wanted, row_bits))
                status = fail(f, 1, "a strip holds fewer rows than declared");
        }
    }
    free(again);
    return status;
}

// A tile may be larger than the image, but not larger than the unpacked content of the file can be. No compression here exceeds 1100 to 1
// except the fax codes, whose samples are single bits: for those a tile may be a megabyte larger than the picture. Without this check a
// file of 700 bytes could request a tile of a gigabyte, or seconds of work on lines that are never used.
static int tiles_are_possible(TIFF *tiff, const memory_file *f) {
    uint16_t bits = 1;
    uint32_t width = 0, height = 0;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
    uint64_t bytes = TIFFTileSize64(tiff), slack = (uint64_t)1 << 20;
    uint64_t limit = (bits == 1 ? (uint64_t)width * height / 8 : f->size * 1100) + slack;
    return bytes > 0 && bytes <= limit;
}

static int read_tiles(TIFF *tiff, memory_file *f, const vltiff_header *h, uint8_t *target, int planes) {
    uint32_t tile_width = 0, tile_height = 0;
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tile_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &tile_height);
    uint64_t bits_per_pixel = (uint64_t)h->bits_per_sample * (planes == 1 ? h->samples_per_pixel : 1);
    // Tile rows must have whole bytes; the library's allocation limit below refuses tiles of up to 4 GB.
    if (tile_width == 0 || tile_height == 0 || (tile_width * bits_per_pixel) % 8 != 0) return fail(f, 1, "tiles of an impossible size");
    uint64_t tile_row = tile_width * bits_per_pixel / 8;
    tmsize_t tile_bytes = TIFFTileSize(tiff);
    if (tile_bytes <= 0 || (uint64_t)tile_bytes != tile_row * tile_height || (uint64_t)tile_bytes > ((uint64_t)1 << 30))
        return fail(f, 1, "tiles of an impossible size");
    uint8_t *tile = malloc(2 * (size_t)tile_bytes);
    if (!tile) return fail(f, 1, "out of memory");
    int status = 0;
    for (int plane = 0; plane < planes && status == 0; plane++) {
        uint8_t *out = target + (uint64_t)plane * h->row_bytes * h->height;
        for (uint64_t top = 0; top < h->height && status == 0; top += tile_height) {
            for (uint64_t left = 0; left < h->width && status == 0; left += tile_width) {
                uint32_t number = TIFFComputeTile(tiff, (uint32_t)left, (uint32_t)top, 0, (uint16_t)plane);
                if (!read_whole(tiff, f, TIFFReadEncodedTile, number, tile, tile + tile_bytes, tile_bytes, 8 * tile_row)) {
                    status = fail(f, 1, "a tile holds less data than declared");
                    break;
                }
                uint64_t offset = left * bits_per_pixel / 8;
                uint64_t count = h->row_bytes - offset < tile_row ? h->row_bytes - offset : tile_row;
                uint64_t rows = h->height - top < tile_height ? h->height - top : tile_height;
                for (uint64_t row = 0; row < rows; row++) memcpy(out + (top + row) * h->row_bytes + offset, tile + row * tile_row, count);
            }
        }
    }
    free(tile);
    return status;
}

// Checks the pieces before libtiff converts them: it would leave the missing part of a strip or tile black.
static int pieces_are_whole(TIFF *tiff, memory_file *f, const vltiff_header *h) {
    int tiled = TIFFIsTiled(tiff);
    uint32_t rows_per_strip = h->height, count = tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows_per_strip);
    if (rows_per_strip == 0) return 0;
    if (rows_per_strip > h->height) rows_per_strip = h->height;
    uint32_t strips = (h->height - 1) / rows_per_strip + 1; // per plane
    tmsize_t largest = tiled ? TIFFTileSize(tiff) : TIFFVStripSize(tiff, rows_per_strip);
    if (largest <= 0 || largest > ((tmsize_t)1 << 30)) return 0;
    uint8_t *piece = malloc(2 * (size_t)largest);
    if (!piece) return 0;
    int whole = 1;
    for (uint32_t number = 0; whole && number < count; number++) {
        int last = number % strips == strips - 1;
        tmsize_t wanted = tiled || !last ? largest : TIFFVStripSize(tiff, h->height - (strips - 1) * rows_per_strip);
        whole = wanted > 0 && wanted <= largest &&
                read_whole(tiff, f, tiled ? TIFFReadEncodedTile : TIFFReadEncodedStrip, number, piece, piece + largest, wanted,
                           8 * (uint64_t)wanted);
    }
    free(piece);
    return whole;
}

// libtiff packs a pixel into a number with red in the lowest byte; this writes the bytes in that order on any machine.
static int read_rgba(TIFF *tiff, memory_file *f, const vltiff_header *h, uint8_t *target) {
    uint64_t count = (uint64_t)h->width * h->height;
    if (!pieces_are_whole(tiff, f, h)) return fail(f, 1, "a strip or tile holds less data than declared");
    uint32_t *words = calloc(count, 4); // pixels that libtiff does not write are black, not old memory
    if (!words) return fail(f, 1, "out of memory");
    int good = TIFFReadRGBAImageOriented(tiff, h->width, h->height, words, h->orientation, 1) && !f->failed;
    for (uint64_t i = 0; good && i < count; i++) {
        target[4 * i] = TIFFGetR(words[i]);
        target[4 * i + 1] = TIFFGetG(words[i]);
        target[4 * i + 2] = TIFFGetB(words[i]);
        target[4 * i + 3] = TIFFGetA(words[i]);
    }
    free(words);
    return good ? 0 : fail(f, 1, "the image data cannot be decoded");
}

int vltiff_read_header(const uint8_t *data, size_t size, vltiff_header *header, char *message) {
    memory_file f = {.data = data, .size = size, .message = message};
    TIFF *tiff = open_memory(&f);
    if (!tiff) return fail(&f, 1, "no readable image directory");
    int status = describe(tiff, &f, header);
    TIFFClose(tiff);
    return status;
}

int vltiff_decode(const uint8_t *data, size_t size, uint8_t *target, size_t capacity, uint16_t *colormap, char *message) {
    memory_file f = {.data = data, .size = size, .message = message};
    TIFF *tiff = open_memory(&f);
    if (!tiff) return fail(&f, 1, "no readable image directory");
    vltiff_header h;
    int status = describe(tiff, &f, &h);
    if (status == 0 && (h.total_bytes != capacity || f.failed)) status = fail(&f, 1, "the header does not agree with itself");
    if (status == 0) {
        if (TIFFIsTiled(tiff) && !tiles_are_possible(tiff, &f)) status = fail(&f, 1, "tiles of an impossible size");
    }
    if (status == 0) {
        int planes = h.planar == PLANARCONFIG_CONTIG ? 1 : h.samples_per_pixel;
        status = h.through_rgba      ? read_rgba(tiff, &f, &h, target)
                 : TIFFIsTiled(tiff) ? read_tiles(tiff, &f, &h, target, planes)
                                     : read_strips(tiff, &f, &h, target, planes);
    }
    if (status == 0 && h.photometric == PHOTOMETRIC_PALETTE) {
        uint16_t *red = NULL, *green = NULL, *blue = NULL;
        if (h.bits_per_sample > 16 || !TIFFGetField(tiff, TIFFTAG_COLORMAP, &red, &green, &blue)) {
            status = fail(&f, 1, "a palette image without a palette");
        } else {
            size_t entries = (size_t)1 << h.bits_per_sample;
            memcpy(colormap, red, entries * 2);
            memcpy(colormap + entries, green, entries * 2);
            memcpy(colormap + 2 * entries, blue, entries * 2);
        }
    }
    TIFFClose(tiff);
    return status;
}
