// The kernels' thread pool: libgomp's, shared with oneDNN. It is declared here because clang has no OpenMP runtime of its own on Linux.
// Each thread that calls kernels has its own team (libgomp keeps one per calling thread), so that two devices of one process do not share a
// number of threads. Invariant: ranges are contiguous and disjoint; a nested call runs in the calling thread.
#include "kernels.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_in_parallel(void);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int count);

static _Thread_local int thread_count = 0; // 0: OpenMP's default

void vlseg_set_threads(int count) {
    if (count < 1) count = 1;
    if (count == thread_count) return;
    thread_count = count;
    omp_set_num_threads(count); // the calling thread's, too
}

int vlseg_threads(void) { return thread_count > 0 ? thread_count : omp_get_max_threads(); }

struct region {
    vlseg_body body;
    void *context;
    int64_t count;
    int workers;
};

// libgomp may start fewer threads than requested. Then each thread processes several ranges, so the ranges stay the same.
static void run_region(void *raw) {
    const struct region *region = raw;
    int threads = omp_get_num_threads();
    for (int worker = omp_get_thread_num(); worker < region->workers; worker += threads) {
        int64_t begin = region->count * worker / region->workers, end = region->count * (worker + 1) / region->workers;
        if (begin < end) region->body(region->context, begin, end, worker);
    }
}

void vlseg_parallel(int64_t count, int64_t grain, vlseg_body body, void *context) {
    if (count <= 0) return;
    if (grain < 1) grain = 1;
    int64_t most = count / grain;
    int workers = vlseg_threads();
    if (workers > most) workers = (int)most;
    if (workers <= 1 || omp_in_parallel()) {
        body(context, 0, count, 0);
        return;
    }
    struct region region = {body, context, count, workers};
    GOMP_parallel(run_region, &region, (unsigned)workers, 0);
}

struct scratch {
    void *memory[VLSEG_SCRATCH_COUNT];
    size_t bytes[VLSEG_SCRATCH_COUNT];
};

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void release_scratch(void *raw) {
    struct scratch *scratch = raw;
    for (int i = 0; i < VLSEG_SCRATCH_COUNT; i++) free(scratch->memory[i]);
    free(scratch);
}

static void make_scratch_key(void) {
    if (pthread_key_create(&scratch_key, release_scratch) != 0) abort();
}

static _Noreturn void out_of_memory(size_t bytes) {
    fprintf(stderr, "out of memory: %zu bytes of kernel scratch memory were refused; use a smaller batch or fewer threads\n", bytes);
    abort();
}

void *vlseg_scratch(enum vlseg_scratch_use use, size_t bytes) {
    pthread_once(&scratch_once, make_scratch_key);
    struct scratch *scratch = pthread_getspecific(scratch_key);
    if (scratch == NULL) {
        scratch = calloc(1, sizeof *scratch);
        if (scratch == NULL || pthread_setspecific(scratch_key, scratch) != 0) out_of_memory(sizeof *scratch);
    }
    if (scratch->bytes[use] < bytes) {
        free(scratch->memory[use]);
        size_t rounded = (bytes + 4095) & ~(size_t)4095;
        scratch->memory[use] = aligned_alloc(64, rounded);
        if (scratch->memory[use] == NULL) out_of_memory(rounded);
        scratch->bytes[use] = rounded;
    }
    return scratch->memory[use];
}
