// Selects the instruction set: the best one of this processor, or one that the calling thread chose by name (tests compare them).
#include "pixels.h"
#include <stdatomic.h>
#include <string.h>

static _Atomic(const struct vlpx_table *) active = NULL;
static _Thread_local const struct vlpx_table *chosen = NULL;

static const struct vlpx_table *supported(const char *name) {
    if (strcmp(name, "portable") == 0) return &vlpx_table_portable;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2"))
        return &vlpx_table_avx512;
    if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return &vlpx_table_avx2;
#endif
    return NULL;
}

static const struct vlpx_table *table(void) {
    if (chosen != NULL) return chosen;
    const struct vlpx_table *found = atomic_load_explicit(&active, memory_order_acquire);
    if (found != NULL) return found;
    found = supported("avx512");
    if (found == NULL) found = supported("avx2");
    if (found == NULL) found = &vlpx_table_portable;
    atomic_store_explicit(&active, found, memory_order_release); // two threads may both search; they find the same table
    return found;
}

const char *vlpx_instruction_set(void) { return table()->name; }

int vlpx_select_instruction_set(const char *name) {
    const struct vlpx_table *wanted = supported(name);
    if (wanted == NULL) return -1;
    chosen = wanted;
    return 0;
}

size_t vlpx_rows_scratch(int64_t width, int64_t c, int64_t outputs) { return (size_t)(16 * c * (width + outputs)); }

void vlpx_resample_rows(const uint8_t *source, int64_t width, int64_t rows, int64_t c, const vlpx_weights *w, uint8_t *target,
                        uint8_t *scratch) {
    table()->rows(source, width, rows, c, w, target, scratch);
}

void vlpx_resample_columns(const uint8_t *source, int64_t samples, int64_t first, const vlpx_weights *w, uint8_t *target) {
    table()->columns(source, samples, first, w, target);
}

void vlpx_normalise(const uint8_t *source, int64_t pixels, int64_t c, float *target) { table()->normalise(source, pixels, c, target); }

int vlpx_channel_spread(const uint8_t *source, int64_t pixels, int64_t *index) { return table()->spread(source, pixels, index); }

void vlpx_pick_binary(const uint8_t *source, int64_t line, const int32_t *rows, int64_t row_count, const int32_t *columns,
                      int64_t column_count, int threshold, uint8_t *target) {
    table()->pick(source, line, rows, row_count, columns, column_count, threshold, target);
}
