// The differences between oneDNN 2 and 3, in one place: how memory descriptors are held, made and passed. Also what the other files share.
#pragma once
#include <dnnl.h>
#include <dnnl_version.h>

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t owned_descriptor;
typedef const_dnnl_memory_desc_t descriptor;
#define REFERENCE(owned) (owned)
static inline dnnl_status_t make_descriptor(owned_descriptor *out, int rank, const dnnl_dims_t dims, dnnl_data_type_t type,
                                            dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(out, rank, dims, type, tag);
}
static inline dnnl_status_t make_strided(owned_descriptor *out, int rank, const dnnl_dims_t dims, dnnl_data_type_t type,
                                         const dnnl_dims_t strides) {
    return dnnl_memory_desc_create_with_strides(out, rank, dims, type, strides);
}
static inline void destroy_descriptor(owned_descriptor *owned) { dnnl_memory_desc_destroy(*owned); }
#else
typedef dnnl_memory_desc_t owned_descriptor;
typedef const dnnl_memory_desc_t *descriptor;
#define REFERENCE(owned) (&(owned))
static inline dnnl_status_t make_descriptor(owned_descriptor *out, int rank, const dnnl_dims_t dims, dnnl_data_type_t type,
                                            dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(out, rank, dims, type, tag);
}
static inline dnnl_status_t make_strided(owned_descriptor *out, int rank, const dnnl_dims_t dims, dnnl_data_type_t type,
                                         const dnnl_dims_t strides) {
    return dnnl_memory_desc_init_by_strides(out, rank, dims, type, strides);
}
static inline void destroy_descriptor(owned_descriptor *owned) { (void)owned; }
#endif

/// The process-wide CPU engine and stream, created at first use; null if oneDNN cannot create them.
dnnl_engine_t vlseg_onednn_engine(void);
dnnl_stream_t vlseg_onednn_stream(void);

/// Rounds up to whole cache lines.
static inline size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }

/// Attributes with which the caller passes a primitive's workspace at each call; null if memory is exhausted. The caller destroys them.
dnnl_primitive_attr_t vlseg_onednn_attributes(void);
/// The workspace size of a primitive and, if it is not 0, a memory object for it, whose address is set at each call. Returns 0 if memory is
/// exhausted.
int vlseg_onednn_scratchpad(dnnl_primitive_desc_t description, dnnl_memory_t *memory, size_t *bytes);
