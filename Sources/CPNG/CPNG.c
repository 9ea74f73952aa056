// The libpng calls behind CPNG.h. Locals that are used across setjmp are in a state struct, which longjmp leaves intact.
#include "CPNG.h"
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const uint8_t *data;
    size_t size, position;
    char *message;
    int in_pixels; // while set, a warning means damage
    jmp_buf jump;
    png_structp png;
    png_infop info;
    png_bytep *rows;
    uint8_t *out;
    size_t out_size, out_capacity;
} state;

static void on_error(png_structp png, png_const_charp text) {
    state *s = png_get_error_ptr(png);
    snprintf(s->message, VLPNG_MESSAGE_SIZE, "%s", text);
    longjmp(s->jump, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
    state *s = png_get_error_ptr(png);
    // Surplus bytes after a whole image lose nothing. Any other warning while rows are read means that the rows differ from the stored
    // ones.
    if (s->in_pixels && !strstr(text, "xtra compressed data") && !strstr(text, "oo much image data")) on_error(png, text);
}

static void on_read(png_structp png, png_bytep target, size_t count) {
    state *s = png_get_io_ptr(png);
    if (count > s->size - s->position) png_error(png, "the file ends before the image does");
    memcpy(target, s->data + s->position, count);
    s->position += count;
}

static void on_write(png_structp png, png_bytep source, size_t count) {
    state *s = png_get_io_ptr(png);
    if (s->out_size + count > s->out_capacity) {
        size_t capacity = s->out_capacity * 2 + count + 4096;
        uint8_t *grown = realloc(s->out, capacity);
        if (!grown) png_error(png, "out of memory");
        s->out = grown;
        s->out_capacity = capacity;
    }
    memcpy(s->out + s->out_size, source, count);
    s->out_size += count;
}

static void on_flush(png_structp png) { (void)png; }

// libpng reserves memory for some chunks (eXIf) by their declared length, up to 2 GB, before it finds that the bytes are missing.
static void check_chunk_lengths(state *s) {
    for (size_t at = 8; at < s->size;) {
        if (s->size - at < 12) return; // a cut end, or bytes behind the image: reading finds or skips them
        const uint8_t *c = s->data + at;
        uint64_t length = (uint64_t)c[0] << 24 | (uint64_t)c[1] << 16 | (uint64_t)c[2] << 8 | c[3];
        if (length > s->size - at - 12) png_error(s->png, "a chunk is longer than the file");
        if (memcmp(c + 4, "IEND", 4) == 0) return;
        at += 12 + length;
    }
}

// Opens a reader and reads up to the first IDAT chunk. Called inside the caller's setjmp.
static void begin(state *s, vlpng_header *h) {
    s->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, s, on_error, on_warning);
    if (!s->png) {
        snprintf(s->message, VLPNG_MESSAGE_SIZE, "libpng cannot start");
        longjmp(s->jump, 1);
    }
    s->info = png_create_info_struct(s->png);
    if (!s->info) png_error(s->png, "out of memory");
    png_set_user_limits(s->png, 0x7fffffff, 0x7fffffff); // Imaging checks sizes and has its own messages
    png_set_chunk_cache_max(s->png, 100);                // texts and other metadata: 100 chunks of at most 4 MB each when unpacked
    png_set_chunk_malloc_max(s->png, 4 << 20);
    check_chunk_lengths(s);
    png_set_read_fn(s->png, s, on_read);
    png_read_info(s->png, s->info);
    memset(h, 0, sizeof *h);
    h->width = png_get_image_width(s->png, s->info);
    h->height = png_get_image_height(s->png, s->info);
    h->bit_depth = png_get_bit_depth(s->png, s->info);
    h->color_type = png_get_color_type(s->png, s->info);
    h->interlaced = png_get_interlace_type(s->png, s->info) != PNG_INTERLACE_NONE;
    h->has_transparency = (h->color_type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(s->png, s->info, PNG_INFO_tRNS) != 0;
    h->channels = (h->color_type & PNG_COLOR_MASK_COLOR) ? 3 : 1;
    h->stored_channels = png_get_channels(s->png, s->info);
    h->raw_bytes = (uint64_t)h->height * png_get_rowbytes(s->png, s->info);
}

static void end_read(state *s) {
    free(s->rows);
    s->rows = NULL;
    if (s->png) png_destroy_read_struct(&s->png, &s->info, NULL);
}

int vlpng_read_header(const uint8_t *data, size_t size, vlpng_header *header, char *message) {
    state s = {.data = data, .size = size, .message = message};
    if (setjmp(s.jump)) {
        end_read(&s);
        return 1;
    }
    begin(&s, header);
    end_read(&s);
    return 0;
}

static uint8_t *copy_of(state *s, const void *source, size_t size) {
    uint8_t *copy = malloc(size);
    if (!copy) png_error(s->png, "out of memory");
    memcpy(copy, source, size);
    return copy;
}

static void collect_metadata(state *s, vlpng_metadata *m) {
    png_uint_32 count = 0;
    png_bytep exif = NULL;
    if (png_get_eXIf_1(s->png, s->info, &count, &exif) && exif && count > 0) {
        m->exif = copy_of(s, exif, count);
        m->exif_size = count;
    }
    png_textp texts = NULL;
    int text_count = 0;
    if (png_get_text(s->png, s->info, &texts, &text_count) > 0) {
        for (int i = 0; i < text_count; i++) {
            if (!texts[i].key || strcmp(texts[i].key, "XML:com.adobe.xmp") != 0 || !texts[i].text || m->xmp) continue;
            size_t length = strlen(texts[i].text);
            if (length == 0) continue;
            m->xmp = copy_of(s, texts[i].text, length);
            m->xmp_size = length;
        }
    }
}

typedef void decode_pixels(state *s, const vlpng_header *h, void *target, size_t capacity, vlpng_meaning *meaning);

static void read_rows(state *s, const vlpng_header *h, uint8_t *target, size_t row_bytes) {
    png_set_interlace_handling(s->png);
    png_read_update_info(s->png, s->info);
    if (png_get_rowbytes(s->png, s->info) != row_bytes) png_error(s->png, "the rows do not have the size that the header declares");
    s->rows = malloc(sizeof(png_bytep) * h->height);
    if (!s->rows) png_error(s->png, "out of memory");
    for (uint32_t y = 0; y < h->height; y++) s->rows[y] = target + (size_t)y * row_bytes;
    s->in_pixels = 1;
    png_read_image(s->png, s->rows);
    s->in_pixels = 0;
}

static void decode_eight_bits(state *s, const vlpng_header *h, void *target, size_t capacity, vlpng_meaning *meaning) {
    (void)meaning;
    if (h->color_type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(s->png);
    if (h->color_type == PNG_COLOR_TYPE_GRAY && h->bit_depth < 8) png_set_expand_gray_1_2_4_to_8(s->png);
    if (h->bit_depth == 16) png_set_strip_16(s->png);
    png_set_strip_alpha(s->png);
    size_t row_bytes = (size_t)h->width * (size_t)h->channels;
    if (row_bytes * h->height != capacity) png_error(s->png, "the rows do not have the size that the header declares");
    read_rows(s, h, target, row_bytes);
}

static void read_meaning(state *s, const vlpng_header *h, vlpng_meaning *m) {
    png_colorp colours = NULL;
    int count = 0;
    if (h->color_type == PNG_COLOR_TYPE_PALETTE && png_get_PLTE(s->png, s->info, &colours, &count) && count <= 256) {
        m->palette_count = count;
        for (int i = 0; i < count; i++) {
            m->palette[3 * i] = colours[i].red;
            m->palette[3 * i + 1] = colours[i].green;
            m->palette[3 * i + 2] = colours[i].blue;
        }
    }
    png_bytep alpha = NULL;
    png_color_16p key = NULL;
    if (!png_get_valid(s->png, s->info, PNG_INFO_tRNS) || !png_get_tRNS(s->png, s->info, &alpha, &count, &key)) return;
    if (h->color_type == PNG_COLOR_TYPE_PALETTE) {
        if (!alpha || count < 0 || count > 256) return;
        memcpy(m->palette_alpha, alpha, (size_t)count);
        m->palette_alpha_count = count;
    } else if (key) {
        uint16_t mask = (uint16_t)((1u << h->bit_depth) - 1); // as in libpng: bits above the depth are ignored
        m->has_key = 1;
        m->key[0] = (h->stored_channels < 3 ? key->gray : key->red) & mask;
        m->key[1] = key->green & mask;
        m->key[2] = key->blue & mask;
    }
}

static void decode_as_stored(state *s, const vlpng_header *h, void *target, size_t capacity, vlpng_meaning *meaning) {
    uint16_t *samples = target;
    size_t count = (size_t)h->width * (size_t)h->stored_channels * h->height;
    if (count != capacity) png_error(s->png, "the rows do not have the size that the header declares");
    read_meaning(s, h, meaning);
    if (h->bit_depth < 8) png_set_packing(s->png); // one sample per byte, not scaled
    if (h->bit_depth == 16) {
        const uint16_t one = 1;
        if (*(const uint8_t *)&one == 1) png_set_swap(s->png);
        read_rows(s, h, target, count / h->height * 2);
        return;
    }
    // Rows are read into the second half of the memory. Each byte then moves forward to its place; no place is written before it was read.
    uint8_t *bytes = (uint8_t *)target + count;
    read_rows(s, h, bytes, count / h->height);
    for (size_t i = 0; i < count; i++) samples[i] = bytes[i];
}

static int decode_with(decode_pixels *pixels, const uint8_t *data, size_t size, void *target, size_t capacity, vlpng_meaning *meaning,
                       vlpng_metadata *metadata, char *message) {
    state s = {.data = data, .size = size, .message = message};
    memset(metadata, 0, sizeof *metadata);
    if (setjmp(s.jump)) {
        end_read(&s);
        vlpng_free(metadata->exif);
        vlpng_free(metadata->xmp);
        memset(metadata, 0, sizeof *metadata);
        return 1;
    }
    vlpng_header h;
    begin(&s, &h);
    pixels(&s, &h, target, capacity, meaning);
    png_read_end(s.png, s.info);
    collect_metadata(&s, metadata);
    end_read(&s);
    return 0;
}

int vlpng_decode(const uint8_t *data, size_t size, uint8_t *pixels, size_t capacity, vlpng_metadata *metadata, char *message) {
    return decode_with(decode_eight_bits, data, size, pixels, capacity, NULL, metadata, message);
}

int vlpng_decode_stored(const uint8_t *data, size_t size, uint16_t *samples, size_t capacity, vlpng_meaning *meaning,
                        vlpng_metadata *metadata, char *message) {
    memset(meaning, 0, sizeof *meaning);
    return decode_with(decode_as_stored, data, size, samples, capacity, meaning, metadata, message);
}

int vlpng_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int level, uint8_t **out, size_t *out_size,
                 char *message) {
    state s = {.message = message};
    *out = NULL;
    *out_size = 0;
    if (setjmp(s.jump)) {
        if (s.png) png_destroy_write_struct(&s.png, &s.info);
        free(s.out);
        return 1;
    }
    s.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
    if (!s.png) {
        snprintf(message, VLPNG_MESSAGE_SIZE, "libpng cannot start");
        return 1;
    }
    s.info = png_create_info_struct(s.png);
    if (!s.info) png_error(s.png, "out of memory");
    png_set_user_limits(s.png, 0x7fffffff, 0x7fffffff);
    png_set_write_fn(s.png, &s, on_write, on_flush);
    png_set_compression_level(s.png, level);
    png_set_IHDR(s.png, s.info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(s.png, s.info);
    for (uint32_t y = 0; y < height; y++) png_write_row(s.png, pixels + (size_t)y * width * (size_t)channels);
    png_write_end(s.png, s.info);
    png_destroy_write_struct(&s.png, &s.info);
    *out = s.out;
    *out_size = s.out_size;
    return 0;
}

void vlpng_free(void *pointer) { free(pointer); }
