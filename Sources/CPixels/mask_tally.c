// The tally of a mask's values: the number of pixels with each value, and how many of them lie in a flat region or between a lower and a
// higher pixel. Lines are compared first, then columns, so that the compiler can vectorise both; only the tally goes pixel by pixel.
#include "CPixels.h"

static inline uint16_t lesser(uint16_t a, uint16_t b) { return a < b ? a : b; }
static inline uint16_t greater(uint16_t a, uint16_t b) { return a > b ? a : b; }

void vlpx_mask_tally(const uint16_t *source, int64_t width, int64_t height, int tolerance, uint16_t *scratch, uint32_t *tally) {
    uint16_t *low = scratch + 1, *high = scratch + width + 3;
    for (int64_t y = 0; y < height; y++) {
        const uint16_t *line = source + y * width, *above = y > 0 ? line - width : line, *below = y + 1 < height ? line + width : line;
        for (int64_t x = 0; x < width; x++) {
            low[x] = lesser(lesser(above[x], below[x]), line[x]);
            high[x] = greater(greater(above[x], below[x]), line[x]);
        }
        low[-1] = low[0], low[width] = low[width - 1];
        high[-1] = high[0], high[width] = high[width - 1];
        for (int64_t x = 0; x < width; x++) {
            int value = line[x];
            int down = value - lesser(lesser(low[x - 1], low[x + 1]), low[x]),
                up = greater(greater(high[x - 1], high[x + 1]), high[x]) - value;
            int kind = down <= tolerance && up <= tolerance ? 1 : down > tolerance && up > tolerance ? 2 : 0;
            tally[4 * value + kind]++;
        }
    }
}
