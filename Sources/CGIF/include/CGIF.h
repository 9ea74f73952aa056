// The first frame of a GIF through giflib, as plain calls. Not for later frames of animations, size limits, or the meaning of indexes
// (Imaging). Invariant: no library state outlives a call.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define VLGIF_MESSAGE_SIZE 256

typedef struct {
    uint32_t width, height; // of the canvas: the screen, enlarged if the first frame reaches beyond it
    uint32_t left, top;     // of the first frame
    uint32_t frame_width, frame_height;
    int interlaced;
    int transparent;          // the transparent index, -1 if there is none
    int palette_count;        // 0 if the file has no palette: indexes are grey values
    uint8_t palette[256 * 3]; // red, green, blue
} vlgif_header;

// Return 0 on success; else 1, with the reason in message (VLGIF_MESSAGE_SIZE bytes).
int vlgif_read_header(const uint8_t *data, size_t size, vlgif_header *header, char *message);

// Fills indexes (frame_width * frame_height) with the first frame, rows from the top. more_frames says whether another frame follows.
int vlgif_decode(const uint8_t *data, size_t size, uint8_t *indexes, size_t capacity, int *more_frames, char *message);
