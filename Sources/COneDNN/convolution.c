// Convolutions as oneDNN primitives. Activations stay plain NHWC. Each call reorders the weights to the primitive's layout: a weight
// changes every step, and the reorder takes little time compared with the convolution.
#include "COneDNN.h"
#include "onednn.h"
#include <stdlib.h>

/// One primitive and the weights in its own layout, with the reorder from the plain layout (for the weight gradient: to the plain layout).
/// Weights in the primitive's layout exist for one call only, in the workspace, before the part that the primitive needs.
typedef struct {
    dnnl_primitive_t primitive, reorder;
    dnnl_memory_t x, y, weights, plain, scratchpad;
    size_t blocked; // bytes of the weights in the primitive's layout; 0 if it uses the plain one
    size_t scratch; // bytes of workspace that the primitive needs
} direction;

struct vlseg_convolution {
    direction forward, data, weight;
};

static dnnl_memory_t make_memory(descriptor d) {
    dnnl_memory_t memory = 0;
    if (dnnl_memory_create(&memory, d, vlseg_onednn_engine(), DNNL_MEMORY_NONE) != dnnl_success) return 0;
    return memory;
}

static void clear(direction *d) {
    if (d->primitive) dnnl_primitive_destroy(d->primitive);
    if (d->reorder) dnnl_primitive_destroy(d->reorder);
    if (d->x) dnnl_memory_destroy(d->x);
    if (d->y) dnnl_memory_destroy(d->y);
    if (d->weights) dnnl_memory_destroy(d->weights);
    if (d->plain) dnnl_memory_destroy(d->plain);
    if (d->scratchpad) dnnl_memory_destroy(d->scratchpad);
}

/// Fills a direction from its primitive descriptor; `weights_out` if the primitive produces weights. Takes ownership of the descriptor.
static int finish(direction *d, dnnl_primitive_desc_t pd, descriptor x, descriptor y, descriptor plain, dnnl_query_t weights_query,
                  int weights_out) {
    int ok = 0;
    dnnl_primitive_desc_t reorder_pd = 0;
    if (dnnl_primitive_create(&d->primitive, pd) != dnnl_success) goto done;
    descriptor wanted = dnnl_primitive_desc_query_md(pd, weights_query, 0);
    if (!wanted) goto done;
    d->x = make_memory(x);
    d->y = make_memory(y);
    d->plain = make_memory(plain);
    d->weights = make_memory(wanted);
    if (!d->x || !d->y || !d->plain || !d->weights || !vlseg_onednn_scratchpad(pd, &d->scratchpad, &d->scratch)) goto done;
    if (!dnnl_memory_desc_equal(wanted, plain)) {
        d->blocked = rounded(dnnl_memory_desc_get_size(wanted));
        dnnl_status_t status =
            weights_out ? dnnl_reorder_primitive_desc_create(&reorder_pd, wanted, vlseg_onednn_engine(), plain, vlseg_onednn_engine(), 0)
                        : dnnl_reorder_primitive_desc_create(&reorder_pd, plain, vlseg_onednn_engine(), wanted, vlseg_onednn_engine(), 0);
        if (status != dnnl_success || dnnl_primitive_create(&d->reorder, reorder_pd) != dnnl_success) goto done;
    }
    ok = 1;
done:
    if (reorder_pd) dnnl_primitive_desc_destroy(reorder_pd);
    dnnl_primitive_desc_destroy(pd);
    return ok;
}

static int64_t reach(int64_t size, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
    return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

vlseg_convolution *vlseg_convolution_create(const vlseg_convolution_shape *s, int training, int bf16) {
    dnnl_engine_t engine = vlseg_onednn_engine();
    if (!engine || !vlseg_onednn_stream()) return 0;
    dnnl_dims_t x_dims = {s->batch, s->input, s->height, s->width};
    dnnl_dims_t y_dims = {s->batch, s->output, reach(s->height, s->kernel[0], s->stride[0], s->padding[0], s->dilation[0]),
                          reach(s->width, s->kernel[1], s->stride[1], s->padding[1], s->dilation[1])};
    dnnl_dims_t together = {s->output, s->input, s->kernel[0], s->kernel[1]};
    dnnl_dims_t grouped = {s->groups, s->output / s->groups, s->input / s->groups, s->kernel[0], s->kernel[1]};
    int rank = s->groups == 1 ? 4 : 5;
    const dnnl_dim_t *w_dims = s->groups == 1 ? together : grouped;
    dnnl_dims_t strides = {s->stride[0], s->stride[1]}, pads = {s->padding[0], s->padding[1]};
    dnnl_dims_t dilates = {s->dilation[0] - 1, s->dilation[1] - 1};
    // The caller's weights and their gradients are float32; the reorder converts them if activations are bf16.
    dnnl_data_type_t type = bf16 ? dnnl_bf16 : dnnl_f32;
    owned_descriptor x, y, plain, any, any_gradient;
    if (make_descriptor(&x, 4, x_dims, type, dnnl_nhwc) != dnnl_success) return 0;
    if (make_descriptor(&y, 4, y_dims, type, dnnl_nhwc) != dnnl_success) {
        destroy_descriptor(&x);
        return 0;
    }
    if (make_descriptor(&plain, rank, w_dims, dnnl_f32, s->groups == 1 ? dnnl_ohwi : dnnl_gohwi) != dnnl_success) {
        destroy_descriptor(&x);
        destroy_descriptor(&y);
        return 0;
    }
    if (make_descriptor(&any, rank, w_dims, type, dnnl_format_tag_any) != dnnl_success) {
        destroy_descriptor(&x);
        destroy_descriptor(&y);
        destroy_descriptor(&plain);
        return 0;
    }
    if (make_descriptor(&any_gradient, rank, w_dims, dnnl_f32, dnnl_format_tag_any) != dnnl_success) {
        destroy_descriptor(&x);
        destroy_descriptor(&y);
        destroy_descriptor(&plain);
        destroy_descriptor(&any);
        return 0;
    }

    vlseg_convolution *c = calloc(1, sizeof *c);
    dnnl_primitive_desc_t forward = 0, data = 0, weight = 0;
    dnnl_primitive_attr_t attributes = vlseg_onednn_attributes();
    int ok = c != 0 && attributes != 0;
    dnnl_prop_kind_t kind = training ? dnnl_forward_training : dnnl_forward_inference;
#if DNNL_VERSION_MAJOR >= 3
    ok = ok && dnnl_convolution_forward_primitive_desc_create(&forward, engine, kind, dnnl_convolution_direct, x, any, 0, y, strides,
                                                              dilates, pads, pads, attributes) == dnnl_success;
    if (training) {
        ok = ok && dnnl_convolution_backward_data_primitive_desc_create(&data, engine, dnnl_convolution_direct, x, any, y, strides, dilates,
                                                                        pads, pads, forward, attributes) == dnnl_success;
        ok = ok &&
             dnnl_convolution_backward_weights_primitive_desc_create(&weight, engine, dnnl_convolution_direct, x, any_gradient, 0, y,
                                                                     strides, dilates, pads, pads, forward, attributes) == dnnl_success;
    }
#else
    dnnl_convolution_desc_t f, d, w;
    ok = ok && dnnl_dilated_convolution_forward_desc_init(&f, kind, dnnl_convolution_direct, &x, &any, 0, &y, strides, dilates, pads,
                                                          pads) == dnnl_success;
    ok = ok && dnnl_primitive_desc_create(&forward, &f, attributes, engine, 0) == dnnl_success;
    if (training) {
        ok = ok && dnnl_dilated_convolution_backward_data_desc_init(&d, dnnl_convolution_direct, &x, &any, &y, strides, dilates, pads,
                                                                    pads) == dnnl_success;
        ok = ok && dnnl_primitive_desc_create(&data, &d, attributes, engine, forward) == dnnl_success;
        ok = ok && dnnl_dilated_convolution_backward_weights_desc_init(&w, dnnl_convolution_direct, &x, &any_gradient, 0, &y, strides,
                                                                       dilates, pads, pads) == dnnl_success;
        ok = ok && dnnl_primitive_desc_create(&weight, &w, attributes, engine, forward) == dnnl_success;
    }
#endif
    if (ok && training) {
        ok = finish(&c->data, data, REFERENCE(x), REFERENCE(y), REFERENCE(plain), dnnl_query_weights_md, 0);
        data = 0;
        ok = finish(&c->weight, weight, REFERENCE(x), REFERENCE(y), REFERENCE(plain), dnnl_query_diff_weights_md, 1) && ok;
        weight = 0;
    }
    if (ok) {
        ok = finish(&c->forward, forward, REFERENCE(x), REFERENCE(y), REFERENCE(plain), dnnl_query_weights_md, 0);
        forward = 0;
    }
    if (forward) dnnl_primitive_desc_destroy(forward);
    if (data) dnnl_primitive_desc_destroy(data);
    if (weight) dnnl_primitive_desc_destroy(weight);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    destroy_descriptor(&x);
    destroy_descriptor(&y);
    destroy_descriptor(&plain);
    destroy_descriptor(&any);
    destroy_descriptor(&any_gradient);
    if (!ok) {
        vlseg_convolution_destroy(c);
        return 0;
    }
    return c;
}

void vlseg_convolution_destroy(vlseg_convolution *c) {
    if (!c) return;
    clear(&c->forward);
    clear(&c->data);
    clear(&c->weight);
    free(c);
}

static int reorder(direction *d, dnnl_memory_t from, dnnl_memory_t to) {
    dnnl_exec_arg_t args[2] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    return (int)dnnl_primitive_execute(d->reorder, vlseg_onednn_stream(), 2, args);
}

/// Sets the memories to the caller's buffers. If the primitive reads weights, first reorders them into its layout.
static int bind(direction *d, const void *x, const void *y, const float *weight, void *scratch, int reads_weights) {
    dnnl_memory_set_data_handle(d->x, (void *)x);
    dnnl_memory_set_data_handle(d->y, (void *)y);
    dnnl_memory_set_data_handle(d->plain, (void *)weight);
    if (d->scratchpad) dnnl_memory_set_data_handle(d->scratchpad, (char *)scratch + d->blocked);
    if (!d->reorder) {
        dnnl_memory_set_data_handle(d->weights, (void *)weight);
        return 0;
    }
    dnnl_memory_set_data_handle(d->weights, scratch);
    return reads_weights ? reorder(d, d->plain, d->weights) : 0;
}

static size_t wanted(const direction *d) { return d->blocked + d->scratch; }

int64_t vlseg_convolution_scratch(const vlseg_convolution *c) {
    size_t most = wanted(&c->forward);
    if (wanted(&c->data) > most) most = wanted(&c->data);
    if (wanted(&c->weight) > most) most = wanted(&c->weight);
    return (int64_t)most;
}

static int run(direction *d, int x, int weights, int y) {
    dnnl_exec_arg_t args[4] = {{x, d->x}, {weights, d->weights}, {y, d->y}, {DNNL_ARG_SCRATCHPAD, d->scratchpad}};
    int status = (int)dnnl_primitive_execute(d->primitive, vlseg_onednn_stream(), d->scratchpad ? 4 : 3, args);
    return status ? status : (int)dnnl_stream_wait(vlseg_onednn_stream());
}

int vlseg_convolution_forward(vlseg_convolution *c, const void *x, const float *weight, void *y, void *scratch) {
    direction *d = &c->forward;
    int status = bind(d, x, y, weight, scratch, 1);
    if (status) return status;
    return run(d, DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST);
}

int vlseg_convolution_backward_data(vlseg_convolution *c, const void *dy, const float *weight, void *dx, void *scratch) {
    direction *d = &c->data;
    int status = bind(d, dx, dy, weight, scratch, 1);
    if (status) return status;
    return run(d, DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST);
}

int vlseg_convolution_backward_weight(vlseg_convolution *c, const void *x, const void *dy, float *dweight, void *scratch) {
    direction *d = &c->weight;
    int status = bind(d, x, dy, dweight, scratch, 0);
    if (status) return status;
    status = run(d, DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST);
    if (!status && d->reorder) status = reorder(d, d->weights, d->plain);
    return status ? status : (int)dnnl_stream_wait(vlseg_onednn_stream());
}
