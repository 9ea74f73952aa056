// Convolutions of NHWC maps with any kernel, stride, padding, dilation and number of groups, in float32: for what a library lacks. Sums run
// over taps, then over the input channels of a group, in order.
//
// Forward and data gradient are one kernel. Both sum, for every channel `outer` of the result, over taps and the channels `inner` of its
// group, with the weights turned to [tap, inner, outer], so that neighbouring channels of the result share a vector. They differ in which
// pixel a tap reads.
struct window_map {
    const vlseg_window *w;
    int backward; // the result is dx, and what is read is dy
    int64_t inner, outer;
    const float *from, *weight;
    float *to, *partials;
};

// The row (or column) of the other map that belongs to `at` under a tap, or -1.
INLINE int64_t met(int64_t at, int64_t tap, int64_t stride, int64_t padding, int64_t dilation, int64_t limit, int backward) {
    int64_t place = backward ? at + padding - tap * dilation : at * stride - padding + tap * dilation;
    if (backward) {
        if (place < 0 || place % stride != 0) return -1;
        place /= stride;
    }
    return place >= 0 && place < limit ? place : -1;
}

// One unit is a row of pixels of the result.
static void window_rows(void *context, int64_t begin, int64_t end, int worker) {
    const struct window_map *k = context;
    const vlseg_window *w = k->w;
    int64_t high = k->backward ? w->height : w->out_height, wide = k->backward ? w->width : w->out_width;
    int64_t from_high = k->backward ? w->out_height : w->height, from_wide = k->backward ? w->out_width : w->width;
    int64_t channels = k->outer, all = k->inner * w->groups, each = channels / w->groups;
    (void)worker;
    for (int64_t unit = begin; unit < end; unit++)
        for (int64_t column = 0; column < wide; column++) {
            float *to = k->to + (unit * wide + column) * channels;
            for (int64_t j = 0; j < channels; j += LANES) {
                int64_t some = least(LANES, channels - j), group = j / each, last = (j + some - 1) / each;
                vf sum = {};
                for (int64_t t = 0; t < w->kernel_height * w->kernel_width; t++) {
                    int64_t row =
                        met(unit % high, t / w->kernel_width, w->stride_rows, w->padding_rows, w->dilation_rows, from_high, k->backward);
                    int64_t place = met(column, t % w->kernel_width, w->stride_columns, w->padding_columns, w->dilation_columns, from_wide,
                                        k->backward);
                    if (row < 0 || place < 0) continue;
                    const float *x = k->from + ((unit / high * from_high + row) * from_wide + place) * all;
                    const float *weight = k->weight + t * k->inner * channels + j;
                    if (group == last)
                        for (int64_t i = 0; i < k->inner; i++) sum += x[group * k->inner + i] * load_some(weight + i * channels, some);
                    else if (k->inner == 1 && each == 1)
                        sum += load_some(x + j, some) * load_some(weight, some);
                    else
                        for (int64_t i = 0; i < k->inner; i++) {
                            float lanes[LANES] = {0};
                            for (int64_t l = 0; l < some; l++) lanes[l] = x[(j + l) / each * k->inner + i];
                            sum += load(lanes) * load_some(weight + i * channels, some);
                        }
                }
                store_some(to + j, sum, some);
            }
        }
}

// [O, tap, I/groups] to [tap, inner, outer].
static float *turned_weights(const vlseg_window *w, const float *weight, int backward) {
    int64_t taps = w->kernel_height * w->kernel_width, inputs = w->input / w->groups, outputs = w->output / w->groups;
    float *turned = vlseg_scratch(VLSEG_SCRATCH_PARTIALS, (size_t)(taps * inputs * w->output) * sizeof(float));
    for (int64_t o = 0; o < w->output; o++)
        for (int64_t t = 0; t < taps; t++)
            for (int64_t i = 0; i < inputs; i++) {
                int64_t group = o / outputs;
                int64_t to = backward ? (t * outputs + o % outputs) * w->input + group * inputs + i : (t * inputs + i) * w->output + o;
                turned[to] = weight[(o * taps + t) * inputs + i];
            }
    return turned;
}

static void window_forward(const vlseg_window *w, const float *x, const float *weight, float *y) {
    int64_t inner = w->input / w->groups;
    struct window_map k = {.w = w, .inner = inner, .outer = w->output, .from = x, .to = y};
    k.weight = turned_weights(w, weight, 0);
    vlseg_parallel(w->batch * w->out_height, 1, window_rows, &k);
}

static void window_backward_data(const vlseg_window *w, const float *dy, const float *weight, float *dx) {
    struct window_map k = {.w = w, .backward = 1, .inner = w->output / w->groups, .outer = w->input, .from = dy, .to = dx};
    k.weight = turned_weights(w, weight, 1);
    vlseg_parallel(w->batch * w->height, 1, window_rows, &k);
}

// One unit is an output channel's weights; or, where channels go by themselves, a vector of them.
static void window_weights(void *context, int64_t begin, int64_t end, int worker) {
    const struct window_map *k = context;
    const vlseg_window *w = k->w;
    int64_t taps = w->kernel_height * w->kernel_width, inputs = w->input / w->groups, outputs = w->output / w->groups;
    int single = inputs == 1 && outputs == 1;
    (void)worker;
    for (int64_t unit = begin; unit < end; unit++)
        for (int64_t t = 0; t < taps; t++)
            for (int64_t j = single ? unit * LANES : 0; j < (single ? least(w->output, unit * LANES + LANES) : inputs); j += LANES) {
                vf total = {};
                for (int64_t n = 0; n < w->batch * w->out_height; n++) {
                    int64_t row =
                        met(n % w->out_height, t / w->kernel_width, w->stride_rows, w->padding_rows, w->dilation_rows, w->height, 0);
                    if (row < 0) continue;
                    // Rows are summed apart: a long sum of float32 loses its small parts.
                    vf sum = {};
                    for (int64_t column = 0; column < w->out_width; column++) {
                        int64_t place =
                            met(column, t % w->kernel_width, w->stride_columns, w->padding_columns, w->dilation_columns, w->width, 0);
                        if (place < 0) continue;
                        const float *x = k->from + ((n / w->out_height * w->height + row) * w->width + place) * w->input;
                        const float *dy = k->weight + (n * w->out_width + column) * w->output;
                        if (single)
                            sum += load_some(dy + j, w->output - j) * load_some(x + j, w->input - j);
                        else
                            sum += dy[unit] * load_some(x + unit / outputs * inputs + j, inputs - j);
                    }
                    total += sum;
                }
                if (single) {
                    float lanes[LANES];
                    store(lanes, total);
                    for (int64_t l = 0; l < least(LANES, w->output - j); l++) k->to[(j + l) * taps + t] = lanes[l];
                } else
                    store_some(k->to + (unit * taps + t) * inputs + j, total, inputs - j);
            }
}

static void window_backward_weight(const vlseg_window *w, const float *x, const float *dy, float *dweight) {
    int single = w->groups == w->input && w->groups == w->output;
    struct window_map k = {.w = w, .from = x, .weight = dy, .to = dweight};
    vlseg_parallel(single ? (w->output + LANES - 1) / LANES : w->output, 1, window_weights, &k);
}
