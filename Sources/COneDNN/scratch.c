// Workspace for primitives while they run. By default oneDNN keeps workspace for every primitive that was ever created: 45 MB for a
// training step in bf16. Here the caller passes workspace at each call.
#include "COneDNN.h"
#include "onednn.h"

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
