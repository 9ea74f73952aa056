// The giflib calls behind CGIF.h.
#include "CGIF.h"
#include <gif_lib.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const uint8_t *data;
    size_t size, position;
} source;

static int on_read(GifFileType *gif, GifByteType *target, int count) {
    source *s = gif->UserData;
    size_t rest = s->size - s->position, take = count < 0 ? 0 : (size_t)count < rest ? (size_t)count : rest;
    memcpy(target, s->data + s->position, take);
    s->position += take;
    return (int)take;
}

static int fail(GifFileType *gif, int error, const char *text, char *message) {
    const char *reason = text ? text : GifErrorString(gif ? gif->Error : error);
    snprintf(message, VLGIF_MESSAGE_SIZE, "%s", reason ? reason : "the content cannot be read");
    if (gif) DGifCloseFile(gif, &error);
    return 1;
}

// Reads up to the next frame. Returns 1 if found, 0 at the end of the frames, -1 for damage.
static int next_frame(GifFileType *gif, int *transparent) {
    for (;;) {
        GifRecordType kind;
        if (DGifGetRecordType(gif, &kind) != GIF_OK) return -1;
        if (kind == TERMINATE_RECORD_TYPE) return 0;
        if (kind == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(gif) == GIF_OK ? 1 : -1;
        if (kind != EXTENSION_RECORD_TYPE) return -1;
        int code;
        GifByteType *block;
        if (DGifGetExtension(gif, &code, &block) != GIF_OK) return -1;
        if (code == GRAPHICS_EXT_FUNC_CODE && block && block[0] >= 4 && block[1] & 1) *transparent = block[4];
        while (block)
            if (DGifGetExtensionNext(gif, &block) != GIF_OK) return -1;
    }
}

// Opens the file and reads up to the first frame's pixels. Returns NULL with a message if that fails.
static GifFileType *begin(source *s, vlgif_header *h, char *message) {
    int error = 0;
    GifFileType *gif = DGifOpen(s, on_read, &error);
    if (!gif) {
        fail(NULL, error, NULL, message);
        return NULL;
    }
    memset(h, 0, sizeof *h);
    h->transparent = -1;
    int found = next_frame(gif, &h->transparent);
    if (found <= 0) {
        fail(gif, error, found == 0 ? "no picture in the file" : NULL, message);
        return NULL;
    }
    const GifImageDesc *image = &gif->Image;
    if (image->Left < 0 || image->Top < 0 || image->Width <= 0 || image->Height <= 0) {
        fail(gif, error, "a frame of no pixels", message);
        return NULL;
    }
    h->left = (uint32_t)image->Left;
    h->top = (uint32_t)image->Top;
    h->frame_width = (uint32_t)image->Width;
    h->frame_height = (uint32_t)image->Height;
    h->width = (uint32_t)(gif->SWidth > image->Left + image->Width ? gif->SWidth : image->Left + image->Width);
    h->height = (uint32_t)(gif->SHeight > image->Top + image->Height ? gif->SHeight : image->Top + image->Height);
    h->interlaced = image->Interlace ? 1 : 0;
    const ColorMapObject *map = image->ColorMap ? image->ColorMap : gif->SColorMap;
    if (map) {
        h->palette_count = map->ColorCount < 256 ? map->ColorCount : 256;
        for (int i = 0; i < h->palette_count; i++) {
            h->palette[3 * i] = map->Colors[i].Red;
            h->palette[3 * i + 1] = map->Colors[i].Green;
            h->palette[3 * i + 2] = map->Colors[i].Blue;
        }
    }
    return gif;
}

int vlgif_read_header(const uint8_t *data, size_t size, vlgif_header *header, char *message) {
    source s = {.data = data, .size = size};
    GifFileType *gif = begin(&s, header, message);
    if (!gif) return 1;
    int error;
    DGifCloseFile(gif, &error);
    return 0;
}

int vlgif_decode(const uint8_t *data, size_t size, uint8_t *indexes, size_t capacity, int *more_frames, char *message) {
    source s = {.data = data, .size = size};
    vlgif_header h;
    GifFileType *gif = begin(&s, &h, message);
    if (!gif) return 1;
    if ((size_t)h.frame_width * h.frame_height != capacity)
        return fail(gif, 0, "the frame does not have the size that its header declares", message);
    static const uint32_t starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
    for (int pass = 0; pass < (h.interlaced ? 4 : 1); pass++) {
        for (uint32_t row = h.interlaced ? starts[pass] : 0; row < h.frame_height; row += h.interlaced ? steps[pass] : 1)
            if (DGifGetLine(gif, indexes + (size_t)row * h.frame_width, (int)h.frame_width) != GIF_OK) return fail(gif, 0, NULL, message);
    }
    int ignored;
    *more_frames = next_frame(gif, &ignored) == 1; // data after the first frame may be damaged: it is not used
    DGifCloseFile(gif, &ignored);
    return 0;
}
