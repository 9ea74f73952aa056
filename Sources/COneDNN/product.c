// Matrix products with bf16 operands as oneDNN primitives. Layouts are plain and strided, so nothing is reordered between steps.
#include "COneDNN.h"
#include "onednn.h"
#include <stdlib.h>

struct vlseg_product {
    dnnl_primitive_t primitive;
    dnnl_memory_t a, b, bias, c, scratchpad;
    size_t scratch; // bytes of workspace that the primitive needs
};

static dnnl_memory_t memory_of(descriptor d) {
    dnnl_memory_t memory = 0;
    if (dnnl_memory_create(&memory, d, vlseg_onednn_engine(), DNNL_MEMORY_NONE) != dnnl_success) return 0;
    return memory;
}

/// The primitive descriptor, or null.
static dnnl_primitive_desc_t describe(owned_descriptor a, owned_descriptor b, const owned_descriptor *bias, owned_descriptor c,
                                      int accumulates) {
    dnnl_primitive_attr_t attributes = vlseg_onednn_attributes();
    dnnl_post_ops_t operations = 0;
    dnnl_primitive_desc_t result = 0;
    int ok = attributes != 0;
    if (ok && accumulates) {
        ok = dnnl_post_ops_create(&operations) == dnnl_success;
#if DNNL_VERSION_MAJOR >= 3
        ok = ok && dnnl_post_ops_append_sum(operations, 1.0f, 0, dnnl_data_type_undef) == dnnl_success;
#else
        ok = ok && dnnl_post_ops_append_sum(operations, 1.0f) == dnnl_success;
#endif
        ok = ok && dnnl_primitive_attr_set_post_ops(attributes, operations) == dnnl_success;
    }
#if DNNL_VERSION_MAJOR >= 3
    ok = ok && dnnl_matmul_primitive_desc_create(&result, vlseg_onednn_engine(), a, b, bias ? *bias : 0, c, attributes) == dnnl_success;
#else
    dnnl_matmul_desc_t operation;
    ok = ok && dnnl_matmul_desc_init(&operation, &a, &b, bias, &c) == dnnl_success;
    ok = ok && dnnl_primitive_desc_create(&result, &operation, attributes, vlseg_onednn_engine(), 0) == dnnl_success;
#endif
    if (operations) dnnl_post_ops_destroy(operations);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    return ok ? result : 0;
}

vlseg_product *vlseg_product_create(char transpose_a, char transpose_b, int64_t m, int64_t n, int64_t k, int64_t lda, int64_t ldb,
                                    int64_t ldc, int c_is_float, int accumulates, int has_bias) {
    if (!vlseg_onednn_engine() || !vlseg_onednn_stream()) return 0;
    dnnl_dims_t a_dims = {m, k}, b_dims = {k, n}, c_dims = {m, n}, bias_dims = {1, n};
    dnnl_dims_t a_strides = {transpose_a == 'T' ? 1 : lda, transpose_a == 'T' ? lda : 1};
    dnnl_dims_t b_strides = {transpose_b == 'T' ? 1 : ldb, transpose_b == 'T' ? ldb : 1};
    dnnl_dims_t c_strides = {ldc, 1}, bias_strides = {n, 1};
    owned_descriptor d[4];
    int made = 0;
    vlseg_product *p = calloc(1, sizeof *p);
    dnnl_primitive_desc_t description = 0;
    int ok = p != 0;
    ok = ok && make_strided(&d[0], 2, a_dims, dnnl_bf16, a_strides) == dnnl_success && (made = 1);
    ok = ok && make_strided(&d[1], 2, b_dims, dnnl_bf16, b_strides) == dnnl_success && (made = 2);
    ok = ok && make_strided(&d[2], 2, c_dims, c_is_float ? dnnl_f32 : dnnl_bf16, c_strides) == dnnl_success && (made = 3);
    ok = ok && make_strided(&d[3], 2, bias_dims, dnnl_f32, bias_strides) == dnnl_success && (made = 4);
    ok = ok && (description = describe(d[0], d[1], has_bias ? &d[3] : 0, d[2], accumulates)) != 0;
    ok = ok && dnnl_primitive_create(&p->primitive, description) == dnnl_success;
    ok = ok && (p->a = memory_of(REFERENCE(d[0]))) != 0 && (p->b = memory_of(REFERENCE(d[1]))) != 0 &&
         (p->c = memory_of(REFERENCE(d[2]))) != 0;
    ok = ok && vlseg_onednn_scratchpad(description, &p->scratchpad, &p->scratch);
    if (ok && has_bias) ok = (p->bias = memory_of(REFERENCE(d[3]))) != 0;
    if (description) dnnl_primitive_desc_destroy(description);
    for (int i = 0; i < made; i++) destroy_descriptor(&d[i]);
    if (!ok) {
        vlseg_product_destroy(p);
        return 0;
    }
    return p;
}

void vlseg_product_destroy(vlseg_product *p) {
    if (!p) return;
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    if (p->a) dnnl_memory_destroy(p->a);
    if (p->b) dnnl_memory_destroy(p->b);
    if (p->c) dnnl_memory_destroy(p->c);
    if (p->bias) dnnl_memory_destroy(p->bias);
    if (p->scratchpad) dnnl_memory_destroy(p->scratchpad);
    free(p);
}

int64_t vlseg_product_scratch(const vlseg_product *p) { return (int64_t)p->scratch; }

int vlseg_product_run(vlseg_product *p, const uint16_t *a, const uint16_t *b, const float *bias, void *c, void *scratch) {
    dnnl_memory_set_data_handle(p->a, (void *)a);
    dnnl_memory_set_data_handle(p->b, (void *)b);
    dnnl_memory_set_data_handle(p->c, c);
    dnnl_exec_arg_t args[5] = {{DNNL_ARG_SRC, p->a}, {DNNL_ARG_WEIGHTS, p->b}, {DNNL_ARG_DST, p->c}};
    int count = 3;
    if (p->bias) {
        dnnl_memory_set_data_handle(p->bias, (void *)bias);
        args[count++] = (dnnl_exec_arg_t){DNNL_ARG_BIAS, p->bias};
    }
    if (p->scratchpad) {
        dnnl_memory_set_data_handle(p->scratchpad, scratch);
        args[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, p->scratchpad};
    }
    int status = (int)dnnl_primitive_execute(p->primitive, vlseg_onednn_stream(), count, args);
    return status ? status : (int)dnnl_stream_wait(vlseg_onednn_stream());
}
