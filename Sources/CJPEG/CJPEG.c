// The libjpeg calls behind CJPEG.h.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <jpeglib.h>
#include <jerror.h>
#include "CJPEG.h"

typedef struct {
    struct jpeg_error_mgr errors; // must be first: the library passes a pointer to it
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct jpeg;
    jmp_buf jump;
    char *message;
    int kind;
    int maximum_scans;
} state;

static void fail(state *s, int kind, const char *text) {
    snprintf(s->message, VLJPEG_MESSAGE_SIZE, "%s", text);
    s->kind = kind;
    longjmp(s->jump, 1);
}

static void on_error(j_common_ptr common) {
    state *s = (state *)common->err;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    int code = common->err->msg_code;
    int unsupported = code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED || code == JERR_CONVERSION_NOTIMPL ||
                      code == JERR_ARITH_NOTIMPL || code == JERR_NOT_COMPILED || code == JERR_FRACT_SAMPLE_NOTIMPL ||
                      code == JERR_CCIR601_NOTIMPL;
    fail(s, unsupported ? 2 : 1, text);
}

// Warnings (level -1) that mean lost picture data become errors. Other warnings concern markers and do not affect the pixels.
static void on_message(j_common_ptr common, int level) {
    if (level >= 0) return;
    int code = common->err->msg_code;
    if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR || code == JWRN_TOO_MUCH_DATA) return;
    state *s = (state *)common->err;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    fail(s, 1, text);
}

static void on_progress(j_common_ptr common) {
    state *s = (state *)common->err;
    if (s->jpeg.input_scan_number > s->maximum_scans) fail(s, 1, "more progressive scans than any encoder writes");
}

static void begin(state *s, char *message) {
    memset(s, 0, sizeof *s);
    s->message = message;
    s->jpeg.err = jpeg_std_error(&s->errors);
    s->errors.error_exit = on_error;
    s->errors.emit_message = on_message;
}

static void open_source(state *s, const uint8_t *data, size_t size) {
    jpeg_create_decompress(&s->jpeg);
    jpeg_mem_src(&s->jpeg, data, (unsigned long)size);
}

static void describe(state *s, vljpeg_header *h) {
    h->width = s->jpeg.image_width;
    h->height = s->jpeg.image_height;
    h->components = s->jpeg.num_components;
    h->color_space = s->jpeg.jpeg_color_space;
    h->progressive = s->jpeg.progressive_mode;
    if (h->components != 1 && h->components != 3 && h->components != 4) fail(s, 2, "neither 1, 3 nor 4 colour components");
    h->channels = h->components;
}

int vljpeg_read_header(const uint8_t *data, size_t size, vljpeg_header *header, char *message) {
    state s;
    begin(&s, message);
    if (setjmp(s.jump)) {
        jpeg_destroy_decompress(&s.jpeg);
        return s.kind;
    }
    open_source(&s, data, size);
    jpeg_read_header(&s.jpeg, TRUE);
    describe(&s, header);
    jpeg_destroy_decompress(&s.jpeg);
    return 0;
}

// Keeps the first APP1 block that has the prefix.
static void keep(state *s, const char *prefix, size_t prefix_size, uint8_t **target, size_t *target_size) {
    for (jpeg_saved_marker_ptr m = s->jpeg.marker_list; m; m = m->next) {
        if (m->marker != JPEG_APP0 + 1 || m->data_length <= prefix_size || memcmp(m->data, prefix, prefix_size) != 0) continue;
        *target_size = m->data_length - prefix_size;
        *target = malloc(*target_size);
        if (!*target) fail(s, 1, "out of memory");
        memcpy(*target, m->data + prefix_size, *target_size);
        return;
    }
}

#define NOT_GREY 3

// Decodes rows of the picture in the format that libjpeg converts to.
static void decode_rows(state *s, const vljpeg_header *h, uint8_t *pixels, size_t capacity) {
    s->jpeg.do_fancy_upsampling = TRUE;
    s->jpeg.out_color_space = h->channels == 1 ? JCS_GRAYSCALE : h->channels == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_start_decompress(&s->jpeg);
    size_t row_bytes = (size_t)h->width * (size_t)h->channels;
    if (s->jpeg.output_width != h->width || s->jpeg.output_height != h->height || s->jpeg.output_components != h->channels ||
        row_bytes * h->height != capacity)
        fail(s, 1, "the rows do not have the size that the header declares");
    while (s->jpeg.output_scanline < h->height) {
        JSAMPROW rows[8];
        JDIMENSION first = s->jpeg.output_scanline, count = h->height - first < 8 ? h->height - first : 8;
        for (JDIMENSION i = 0; i < count; i++) rows[i] = pixels + (size_t)(first + i) * row_bytes;
        if (jpeg_read_scanlines(&s->jpeg, rows, count) == 0) fail(s, 1, "no more rows, although the header declares them");
    }
}

static int all_neutral(const uint8_t *samples, size_t count) {
    uint8_t differs = 0;
    for (size_t i = 0; i < count; i++) differs |= samples[i] ^ 128;
    return differs == 0;
}

// Decodes rows of luma as long as both chroma planes are neutral. The chroma planes are examined as stored; they are not upsampled or
// converted.
static void decode_luma(state *s, const vljpeg_header *h, uint8_t *pixels, size_t capacity) {
    jpeg_component_info *c = s->jpeg.comp_info;
    if (h->components != 3 || h->color_space != JCS_YCbCr) fail(s, NOT_GREY, "not stored as luma and chroma");
    if ((size_t)h->width * h->height != capacity) fail(s, 1, "the rows do not have the size that the header declares");
    s->jpeg.out_color_space = JCS_YCbCr;
    s->jpeg.raw_data_out = TRUE;
    jpeg_start_decompress(&s->jpeg);
    int lines = s->jpeg.max_v_samp_factor * DCTSIZE;
    if (c[0].h_samp_factor != s->jpeg.max_h_samp_factor || c[0].v_samp_factor != s->jpeg.max_v_samp_factor || lines > 4 * DCTSIZE)
        fail(s, NOT_GREY, "luma is stored at less than the full size");
    // Freed with the decompressor, on success and on failure.
    JSAMPARRAY planes[3];
    for (int i = 0; i < 3; i++)
        planes[i] = (*s->jpeg.mem->alloc_sarray)((j_common_ptr)&s->jpeg, JPOOL_IMAGE, c[i].width_in_blocks * DCTSIZE,
                                                 (JDIMENSION)(c[i].v_samp_factor * DCTSIZE));
    while (s->jpeg.output_scanline < h->height) {
        JDIMENSION first = s->jpeg.output_scanline, count = h->height - first < (JDIMENSION)lines ? h->height - first : (JDIMENSION)lines;
        if (jpeg_read_raw_data(&s->jpeg, planes, (JDIMENSION)lines) == 0) fail(s, 1, "no more rows, although the header declares them");
        for (JDIMENSION y = 0; y < count; y++) memcpy(pixels + (size_t)(first + y) * h->width, planes[0][y], h->width);
        for (int i = 1; i < 3; i++) {
            JDIMENSION begin = first / (JDIMENSION)s->jpeg.max_v_samp_factor * (JDIMENSION)c[i].v_samp_factor;
            for (JDIMENSION y = 0; y < (JDIMENSION)(c[i].v_samp_factor * DCTSIZE) && begin + y < c[i].downsampled_height; y++)
                if (!all_neutral(planes[i][y], c[i].downsampled_width)) fail(s, NOT_GREY, "has colours");
        }
    }
}

static int decode(void rows(state *, const vljpeg_header *, uint8_t *, size_t), const uint8_t *data, size_t size, int maximum_scans,
                  uint8_t *pixels, size_t capacity, vljpeg_metadata *metadata, char *message) {
    state s;
    begin(&s, message);
    memset(metadata, 0, sizeof *metadata);
    s.maximum_scans = maximum_scans;
    if (setjmp(s.jump)) {
        jpeg_destroy_decompress(&s.jpeg);
        vljpeg_free(metadata->exif);
        vljpeg_free(metadata->xmp);
        memset(metadata, 0, sizeof *metadata);
        return s.kind;
    }
    open_source(&s, data, size);
    s.progress.progress_monitor = on_progress;
    s.jpeg.progress = &s.progress;
    jpeg_save_markers(&s.jpeg, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(&s.jpeg, TRUE);
    vljpeg_header h;
    describe(&s, &h);
    s.jpeg.dct_method = JDCT_ISLOW;
    rows(&s, &h, pixels, capacity);
    keep(&s, "Exif\0\0", 6, &metadata->exif, &metadata->exif_size);
    keep(&s, "http://ns.adobe.com/xap/1.0/\0", 29, &metadata->xmp, &metadata->xmp_size);
    jpeg_finish_decompress(&s.jpeg);
    jpeg_destroy_decompress(&s.jpeg);
    return 0;
}

int vljpeg_decode(const uint8_t *data, size_t size, int maximum_scans, uint8_t *pixels, size_t capacity, vljpeg_metadata *metadata,
                  char *message) {
    return decode(decode_rows, data, size, maximum_scans, pixels, capacity, metadata, message);
}

int vljpeg_decode_grey(const uint8_t *data, size_t size, int maximum_scans, uint8_t *pixels, size_t capacity, vljpeg_metadata *metadata,
                       char *message) {
    return decode(decode_luma, data, size, maximum_scans, pixels, capacity, metadata, message);
}

void vljpeg_free(void *pointer) { free(pointer); }
