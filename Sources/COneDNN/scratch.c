// Memory that primitives need while they run. Left to itself oneDNN keeps a piece for every primitive that was ever made, 80 MB for a training step in bf16;
// here all that a thread runs share one.
#include "COneDNN.h"
#include "onednn.h"
#include <pthread.h>
#include <stdlib.h>

struct buffer {
    void *memory;
    size_t bytes;
};
static pthread_key_t buffer_key;
static pthread_once_t buffer_once = PTHREAD_ONCE_INIT;

static void release_buffer(void *raw) {
    free(((struct buffer *)raw)->memory);
    free(raw);
}

static void make_buffer_key(void) {
    if (pthread_key_create(&buffer_key, release_buffer) != 0) abort();
}

void *vlseg_onednn_scratch(size_t bytes) {
    pthread_once(&buffer_once, make_buffer_key);
    struct buffer *buffer = pthread_getspecific(buffer_key);
    if (!buffer) {
        buffer = calloc(1, sizeof *buffer);
        if (!buffer || pthread_setspecific(buffer_key, buffer) != 0) { free(buffer); return 0; }
    }
    if (buffer->bytes < bytes) {
        free(buffer->memory);
        buffer->memory = aligned_alloc(64, rounded(bytes));
        buffer->bytes = buffer->memory ? bytes : 0;
    }
    return buffer->memory;
}

dnnl_primitive_attr_t vlseg_onednn_attributes(void) {
    dnnl_primitive_attr_t attributes = 0;
    if (dnnl_primitive_attr_create(&attributes) != dnnl_success) return 0;
    if (dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success) return attributes;
    dnnl_primitive_attr_destroy(attributes);
    return 0;
}

int vlseg_onednn_scratchpad(dnnl_primitive_desc_t description, dnnl_memory_t *memory, size_t *bytes) {
    descriptor wanted = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    *bytes = wanted ? rounded(dnnl_memory_desc_get_size(wanted)) : 0;
    return *bytes == 0 || dnnl_memory_create(memory, wanted, vlseg_onednn_engine(), DNNL_MEMORY_NONE) == dnnl_success;
}
