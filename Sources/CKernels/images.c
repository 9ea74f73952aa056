// Converts images to a network's input: by a given table of the 256 values of each channel, or as (x - mean) / std per image and channel.
// Each channel has only 256 possible inputs, so the sums are computed exactly from a histogram and the outputs are read from a table
// computed in double.
#include "kernels.h"
#include <math.h>

struct images {
    int64_t pixels, c;
    const uint8_t *x;
    float *y;
    vlseg_bf16 *rounded; // exactly one of y and this is used
    const float *table;
    int reversed;
};

static void normalised_values(const int64_t *histogram, int64_t pixels, float *table) {
    double sum = 0;
    for (int v = 0; v < 256; v++) sum += (double)histogram[v] * v;
    double mean = sum / (double)pixels, variance = 0;
    for (int v = 0; v < 256; v++) variance += (double)histogram[v] * (v - mean) * (v - mean);
    double deviation = sqrt(variance / (double)pixels);
    if (deviation == 0) deviation = 1;
    for (int v = 0; v < 256; v++) table[v] = (float)((v - mean) / deviation);
}

/// y[i, j] = the value of pixel i, channel j (a single channel is used for all three).
#define WRITE_PIXELS(K, X, TABLE, Y)                                                                                                       \
    for (int64_t i = 0; i < (K)->pixels; i++)                                                                                              \
        for (int64_t j = 0; j < 3; j++) (Y)[i * 3 + j] = (K)->c == 1 ? (TABLE)[0][(X)[i]] : (TABLE)[j][(X)[i * 3 + j]]

static void normalise_each(void *context, int64_t begin, int64_t end, int worker) {
    const struct images *k = context;
    (void)worker;
    for (int64_t b = begin; b < end; b++) {
        const uint8_t *x = k->x + b * k->pixels * k->c;
        int64_t histogram[3][256] = {{0}};
        float table[3][256] = {{0}};
        for (int64_t i = 0; i < k->pixels; i++)
            for (int64_t j = 0; j < k->c; j++) histogram[j][x[i * k->c + j]]++;
        for (int64_t j = 0; j < k->c; j++) normalised_values(histogram[j], k->pixels, table[j]);
        if (k->rounded != NULL) {
            vlseg_bf16 rounded[3][256];
            vlseg_kernels()->bf16_from_float(3 * 256, &table[0][0], &rounded[0][0]);
            vlseg_bf16 *y = k->rounded + b * k->pixels * 3;
            WRITE_PIXELS(k, x, rounded, y);
        } else {
            float *y = k->y + b * k->pixels * 3;
            WRITE_PIXELS(k, x, table, y);
        }
    }
}

void vlseg_normalise_images(int64_t b, int64_t pixels, int64_t c, const uint8_t *x, float *y) {
    vlseg_parallel(b, 1, normalise_each, &(struct images){.pixels = pixels, .c = c, .x = x, .y = y});
}

void vlseg_normalise_images_bf16(int64_t b, int64_t pixels, int64_t c, const uint8_t *x, vlseg_bf16 *y) {
    vlseg_parallel(b, 1, normalise_each, &(struct images){.pixels = pixels, .c = c, .x = x, .rounded = y});
}

static void map_pixels(void *context, int64_t begin, int64_t end, int worker) {
    const struct images *k = context;
    (void)worker;
    for (int64_t i = begin; i < end; i++)
        for (int64_t j = 0; j < 3; j++) {
            int64_t channel = k->reversed ? 2 - j : j;
            k->y[i * 3 + j] = k->table[j * 256 + (k->c == 1 ? k->x[i] : k->x[i * 3 + channel])];
        }
}

void vlseg_map_images(int64_t pixels, int64_t c, const float *table, int reversed, const uint8_t *x, float *y) {
    vlseg_parallel(pixels, 8192, map_pixels, &(struct images){.c = c, .x = x, .y = y, .table = table, .reversed = reversed});
}
