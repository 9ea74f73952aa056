// Elementwise kernels of the text path and the head, float32 only: tanh, softplus, sigmoid.
MAP1(tanh_forward, hyperbolic_tangent(a))
MAP2(tanh_backward, b *(1.0f - a * a))
MAP1(softplus_forward, softplus(a))
MAP2(softplus_backward, choose(a > 20.0f, b, b *sigmoid(a)))
MAP1(sigmoid_forward, sigmoid(a))
MAP2(sigmoid_backward, b *a *(1.0f - a))

static void tanh_forward(int64_t n, const float *x, float *y) { RUN_MAP(tanh_forward, n, .a = x, .y = y); }
static void tanh_backward(int64_t n, const float *y, const float *dy, float *dx) { RUN_MAP(tanh_backward, n, .a = y, .b = dy, .y = dx); }
static void softplus_forward(int64_t n, const float *x, float *y) { RUN_MAP(softplus_forward, n, .a = x, .y = y); }
static void softplus_backward(int64_t n, const float *x, const float *dy, float *dx) {
    RUN_MAP(softplus_backward, n, .a = x, .b = dy, .y = dx);
}
static void sigmoid_forward(int64_t n, const float *x, float *y) { RUN_MAP(sigmoid_forward, n, .a = x, .y = y); }
static void sigmoid_backward(int64_t n, const float *y, const float *dy, float *dx) {
    RUN_MAP(sigmoid_backward, n, .a = y, .b = dy, .y = dx);
}
