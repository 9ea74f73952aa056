#include "CJPEG.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>

struct encoder_error {
    struct jpeg_error_mgr base;
    jmp_buf jump;
    char *message;
};

static void stop(j_common_ptr info) {
    struct encoder_error *error = (struct encoder_error *)info->err;
    char text[JMSG_LENGTH_MAX];
    error->base.format_message(info, text);
    snprintf(error->message, VLJPEG_MESSAGE_SIZE, "%s", text);
    longjmp(error->jump, 1);
}

int vljpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels, int quality, uint8_t **out, size_t *size,
                  char *message) {
    struct jpeg_compress_struct info;
    struct encoder_error error;
    unsigned char *target = NULL;
    unsigned long length = 0;
    info.err = jpeg_std_error(&error.base);
    error.base.error_exit = stop;
    error.message = message;
    if (setjmp(error.jump)) {
        jpeg_destroy_compress(&info);
        return 1;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &target, &length);
    info.image_width = width;
    info.image_height = height;
    info.input_components = channels;
    info.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.optimize_coding = TRUE;
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < height) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)info.next_scanline * width * (size_t)channels);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    *out = target;
    *size = length;
    return 0;
}
