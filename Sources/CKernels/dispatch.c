// Selects the instruction set: the best one of this processor, or one that the calling thread chose by name (tests compare them).
#include "kernels.h"
#include <stdatomic.h>
#include <string.h>

static _Atomic(const struct vlseg_table *) active = NULL;
static _Thread_local const struct vlseg_table *chosen = NULL;

static const struct vlseg_table *supported(const char *name) {
    if (strcmp(name, "portable") == 0) return &vlseg_table_portable;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2"))
        return &vlseg_table_avx512;
    if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return &vlseg_table_avx2;
#endif
    return NULL;
}

static const struct vlseg_table *best(void) {
    const struct vlseg_table *table = supported("avx512");
    if (table == NULL) table = supported("avx2");
    return table != NULL ? table : &vlseg_table_portable;
}

const struct vlseg_table *vlseg_kernels(void) {
    if (chosen != NULL) return chosen;
    const struct vlseg_table *table = atomic_load_explicit(&active, memory_order_acquire);
    if (table == NULL) {
        table = best(); // two threads may both search; they find the same table
        atomic_store_explicit(&active, table, memory_order_release);
    }
    return table;
}

const char *vlseg_instruction_set(void) { return vlseg_kernels()->name; }

int vlseg_select_instruction_set(const char *name) {
    const struct vlseg_table *table = supported(name);
    if (table == NULL) return -1;
    chosen = table;
    return 0;
}
