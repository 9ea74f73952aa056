// cuBLASLt's products and cuDNN's convolutions, written out. Elements are widened to float32, sums are double.
#include "emulated.h"

namespace {
using namespace emulated;
enum { SUCCESS = 0, NOT_SUPPORTED = 15, FLOAT = 0, BFLOAT16 = 14 };

float widened(const void *from, size_t at, bool is_half) {
    return is_half ? __uint_as_float((unsigned)((const uint16_t *)from)[at] << 16) : ((const float *)from)[at];
}
void put(void *to, size_t at, bool is_half, float x) {
    if (!is_half) {
        ((float *)to)[at] = x;
        return;
    }
    unsigned bits = __float_as_uint(x);
    ((uint16_t *)to)[at] = (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fff : (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

// ---- products

struct Layout {
    int type;
    uint64_t rows, columns;
    int64_t stride;
    int32_t batch = 1;
    int64_t batch_stride = 0;
};
struct Product {
    int compute, scale;
    int32_t transposed_a = 0, transposed_b = 0, epilogue = 1, bias_type = -1;
    vlseg_address bias = 0;
};

size_t cublasLtGetVersion() { return 130000; }
int cublasLtCreate(vlseg_handle *handle) { return *handle = malloc(1), SUCCESS; }
int cublasLtDestroy(vlseg_handle handle) { return free(handle), SUCCESS; }
int cublasLtMatmulDescCreate(vlseg_handle *descriptor, int compute, int scale) {
    return *descriptor = new Product{compute, scale}, SUCCESS;
}
int cublasLtMatmulDescDestroy(vlseg_handle descriptor) { return delete (Product *)descriptor, SUCCESS; }
int cublasLtMatmulDescSetAttribute(vlseg_handle descriptor, int attribute, const void *value, size_t bytes) {
    Product *p = (Product *)descriptor;
    auto set = [&](auto &place) { return sizeof place == bytes ? (memcpy(&place, value, bytes), SUCCESS) : 7; };
    switch (attribute) {
    case 3: return set(p->transposed_a);
    case 4: return set(p->transposed_b);
    case 7: return set(p->epilogue);
    case 8: return set(p->bias);
    case 26: return set(p->bias_type);
    }
    return NOT_SUPPORTED;
}
int cublasLtMatrixLayoutCreate(vlseg_handle *layout, int type, uint64_t rows, uint64_t columns, int64_t stride) {
    return *layout = new Layout{type, rows, columns, stride}, SUCCESS;
}
int cublasLtMatrixLayoutDestroy(vlseg_handle layout) { return delete (Layout *)layout, SUCCESS; }
int cublasLtMatrixLayoutSetAttribute(vlseg_handle layout, int attribute, const void *value, size_t bytes) {
    Layout *l = (Layout *)layout;
    if (attribute == 5 && bytes == sizeof l->batch) return memcpy(&l->batch, value, bytes), SUCCESS;
    if (attribute == 6 && bytes == sizeof l->batch_stride) return memcpy(&l->batch_stride, value, bytes), SUCCESS;
    return NOT_SUPPORTED;
}
int cublasLtMatmulPreferenceCreate(vlseg_handle *preference) { return *preference = malloc(1), SUCCESS; }
int cublasLtMatmulPreferenceDestroy(vlseg_handle preference) { return free(preference), SUCCESS; }
int cublasLtMatmulPreferenceSetAttribute(vlseg_handle, int, const void *, size_t) { return SUCCESS; }
int cublasLtMatmulAlgoGetHeuristic(vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle,
                                   int wanted, void *results, int *found) {
    if (wanted < 1) return 7;
    memset(results, 0, sizeof(vlseg_product_choice));
    return *found = 1, SUCCESS;
}

/// Column-major D = alpha op(A) op(B) + beta C, plus a bias for each row.
void multiply(const Product &p, const float alpha, vlseg_address a, const Layout &la, vlseg_address b, const Layout &lb, const float beta,
              vlseg_address c, const Layout &lc, vlseg_address d, const Layout &ld) {
    size_t m = ld.rows, n = ld.columns, k = p.transposed_a ? la.rows : la.columns;
    for (int batch = 0; batch < ld.batch; batch++) {
        auto at = [&](vlseg_address base, const Layout &l) { return (char *)base + batch * l.batch_stride * (l.type == BFLOAT16 ? 2 : 4); };
        const char *pa = at(a, la), *pb = at(b, lb), *pc = at(c, lc);
        char *pd = at(d, ld);
        std::vector<float> rows(m * k); // op(A), row by row
        for (size_t i = 0; i < m; i++)
            for (size_t x = 0; x < k; x++)
                rows[i * k + x] = widened(pa, p.transposed_a ? i * la.stride + x : x * la.stride + i, la.type == BFLOAT16);
        std::vector<float> column(k);
        for (size_t j = 0; j < n; j++) {
            for (size_t x = 0; x < k; x++)
                column[x] = widened(pb, p.transposed_b ? x * lb.stride + j : j * lb.stride + x, lb.type == BFLOAT16);
            for (size_t i = 0; i < m; i++) {
                double sum = 0;
                const float *row = &rows[i * k];
                for (size_t x = 0; x < k; x++) sum += (double)row[x] * column[x];
                float value = alpha * (float)sum;
                if (beta != 0) value += beta * widened(pc, j * lc.stride + i, lc.type == BFLOAT16);
                if (p.epilogue == 4) value += widened((const void *)p.bias, i, p.bias_type == BFLOAT16);
                put(pd, j * ld.stride + i, ld.type == BFLOAT16, value);
            }
        }
    }
}

int cublasLtMatmul(vlseg_handle, vlseg_handle descriptor, const void *alpha, vlseg_address a, vlseg_handle la, vlseg_address b,
                   vlseg_handle lb, const void *beta, vlseg_address c, vlseg_handle lc, vlseg_address d, vlseg_handle ld, const void *,
                   vlseg_address, size_t, vlseg_handle) {
    Product p = *(Product *)descriptor;
    Layout layouts[4] = {*(Layout *)la, *(Layout *)lb, *(Layout *)lc, *(Layout *)ld};
    if (layouts[0].type != layouts[1].type || (p.epilogue != 1 && p.epilogue != 4)) return NOT_SUPPORTED;
    // The library's rule: a bias has the type of D unless told otherwise, and with D in bf16 it cannot be told otherwise.
    if (p.bias_type == -1) p.bias_type = layouts[3].type;
    if (p.epilogue == 4 && p.bias_type != layouts[3].type) return NOT_SUPPORTED;
    float x = *(const float *)alpha, y = *(const float *)beta;
    run([=] { multiply(p, x, a, layouts[0], b, layouts[1], y, c, layouts[2], d, layouts[3]); });
    return SUCCESS;
}

// ---- convolutions

struct Shape {
    int n = 0, c = 0, h = 0, w = 0;
    bool is_half = false;
};
/// Pairs are rows and columns.
struct Convolution {
    int pad[2], stride[2], dilation[2];
};

size_t cudnnGetVersion() { return 91300; }
const char *cudnnGetErrorString(int) { return "an emulated error"; }
int cudnnCreate(vlseg_handle *handle) { return *handle = malloc(1), SUCCESS; }
int cudnnDestroy(vlseg_handle handle) { return free(handle), SUCCESS; }
int cudnnSetStream(vlseg_handle, vlseg_handle) { return SUCCESS; }
int cudnnCreateTensorDescriptor(vlseg_handle *descriptor) { return *descriptor = new Shape, SUCCESS; }
int cudnnDestroyTensorDescriptor(vlseg_handle descriptor) { return delete (Shape *)descriptor, SUCCESS; }
int cudnnSetTensor4dDescriptor(vlseg_handle descriptor, int layout, int type, int n, int c, int h, int w) {
    if (layout != 1) return 9;
    return *(Shape *)descriptor = Shape{n, c, h, w, type == 9}, SUCCESS;
}
int cudnnCreateFilterDescriptor(vlseg_handle *descriptor) { return *descriptor = new Shape, SUCCESS; }
int cudnnDestroyFilterDescriptor(vlseg_handle descriptor) { return delete (Shape *)descriptor, SUCCESS; }
int cudnnSetFilter4dDescriptor(vlseg_handle descriptor, int type, int layout, int k, int c, int h, int w) {
    if (layout != 1) return 9;
    return *(Shape *)descriptor = Shape{k, c, h, w, type == 9}, SUCCESS;
}
int cudnnCreateConvolutionDescriptor(vlseg_handle *descriptor) { return *descriptor = new Convolution, SUCCESS; }
int cudnnDestroyConvolutionDescriptor(vlseg_handle descriptor) { return delete (Convolution *)descriptor, SUCCESS; }
int cudnnSetConvolution2dDescriptor(vlseg_handle descriptor, int pad_h, int pad_w, int stride_h, int stride_w, int dilation_h,
                                    int dilation_w, int mode, int) {
    if (mode != 1) return 9;
    return *(Convolution *)descriptor = Convolution{{pad_h, pad_w}, {stride_h, stride_w}, {dilation_h, dilation_w}}, SUCCESS;
}
int cudnnSetConvolutionMathType(vlseg_handle, int) { return SUCCESS; }
int choose(int wanted, int *found, void *results) {
    if (wanted < 1) return 3;
    vlseg_convolution_choice choice = {};
    choice.algorithm = 1;
    choice.deterministic = 1;
    memcpy(results, &choice, sizeof choice);
    return *found = 1, SUCCESS;
}
int cudnnGetConvolutionForwardAlgorithm_v7(vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, int wanted, int *found,
                                           void *results) {
    return choose(wanted, found, results);
}
int cudnnGetConvolutionBackwardDataAlgorithm_v7(vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, int wanted,
                                                int *found, void *results) {
    return choose(wanted, found, results);
}
int cudnnGetConvolutionBackwardFilterAlgorithm_v7(vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, int wanted,
                                                  int *found, void *results) {
    return choose(wanted, found, results);
}
int cudnnGetConvolutionForwardWorkspaceSize(vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, int, size_t *bytes) {
    return *bytes = 1024, SUCCESS;
}
int cudnnGetConvolutionBackwardDataWorkspaceSize(vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, int, size_t *bytes) {
    return *bytes = 0, SUCCESS;
}
int cudnnGetConvolutionBackwardFilterWorkspaceSize(vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, vlseg_handle, int,
                                                   size_t *bytes) {
    return *bytes = 1024, SUCCESS;
}

std::vector<float> all(vlseg_address from, const Shape &s) {
    std::vector<float> values((size_t)s.n * s.c * s.h * s.w);
    for (size_t i = 0; i < values.size(); i++) values[i] = widened((const void *)from, i, s.is_half);
    return values;
}
void put_all(vlseg_address to, const Shape &s, const std::vector<float> &values) {
    for (size_t i = 0; i < values.size(); i++) put((void *)to, i, s.is_half, values[i]);
}
/// Calls f(index in x, index in w, index in y) for every place where stretches of channels meet: x at its first channel, w at (output
/// channel, tap), y at its pixel.
template <class F> void each_tap(const Shape &x, const Shape &w, const Shape &y, const Convolution &k, F f) {
    for (int n = 0; n < y.n; n++)
        for (int row = 0; row < y.h; row++)
            for (int column = 0; column < y.w; column++)
                for (int i = 0; i < w.h; i++)
                    for (int j = 0; j < w.w; j++) {
                        int r = row * k.stride[0] + i * k.dilation[0] - k.pad[0];
                        int c = column * k.stride[1] + j * k.dilation[1] - k.pad[1];
                        if (r < 0 || r >= x.h || c < 0 || c >= x.w) continue;
                        size_t from = (((size_t)n * x.h + r) * x.w + c) * x.c, to = (((size_t)n * y.h + row) * y.w + column) * y.c;
                        for (int o = 0; o < w.n; o++) f(from, (((size_t)o * w.h + i) * w.w + j) * w.c, to + o);
                    }
}

int cudnnConvolutionForward(vlseg_handle, const void *, vlseg_handle dx, vlseg_address x, vlseg_handle dw, vlseg_address w,
                            vlseg_handle convolution, int, vlseg_address, size_t, const void *, vlseg_handle dy, vlseg_address y) {
    Shape sx = *(Shape *)dx, sw = *(Shape *)dw, sy = *(Shape *)dy;
    Convolution how = *(Convolution *)convolution;
    run([=] {
        std::vector<float> vx = all(x, sx), vw = all(w, sw), vy((size_t)sy.n * sy.c * sy.h * sy.w);
        each_tap(sx, sw, sy, how, [&](size_t from, size_t tap, size_t to) {
            for (int c = 0; c < sx.c; c++) vy[to] += vx[from + c] * vw[tap + c];
        });
        put_all(y, sy, vy);
    });
    return SUCCESS;
}
int cudnnConvolutionBackwardData(vlseg_handle, const void *, vlseg_handle dw, vlseg_address w, vlseg_handle ddy, vlseg_address dy,
                                 vlseg_handle convolution, int, vlseg_address, size_t, const void *, vlseg_handle ddx, vlseg_address dx) {
    Shape sx = *(Shape *)ddx, sw = *(Shape *)dw, sy = *(Shape *)ddy;
    Convolution how = *(Convolution *)convolution;
    run([=] {
        std::vector<float> vy = all(dy, sy), vw = all(w, sw), vx((size_t)sx.n * sx.c * sx.h * sx.w);
        each_tap(sx, sw, sy, how, [&](size_t from, size_t tap, size_t to) {
            for (int c = 0; c < sx.c; c++) vx[from + c] += vy[to] * vw[tap + c];
        });
        put_all(dx, sx, vx);
    });
    return SUCCESS;
}
int cudnnConvolutionBackwardFilter(vlseg_handle, const void *, vlseg_handle dx, vlseg_address x, vlseg_handle ddy, vlseg_address dy,
                                   vlseg_handle convolution, int, vlseg_address, size_t, const void *, vlseg_handle ddw, vlseg_address dw) {
    Shape sx = *(Shape *)dx, sw = *(Shape *)ddw, sy = *(Shape *)ddy;
    Convolution how = *(Convolution *)convolution;
    run([=] {
        std::vector<float> vx = all(x, sx), vy = all(dy, sy), vw((size_t)sw.n * sw.c * sw.h * sw.w);
        each_tap(sx, sw, sy, how, [&](size_t from, size_t tap, size_t to) {
            for (int c = 0; c < sx.c; c++) vw[tap + c] += vy[to] * vx[from + c];
        });
        put_all(dw, sw, vw);
    });
    return SUCCESS;
}
} // namespace

#define ENTRY(RESULT, NAME, PARAMETERS) {#NAME, (void *)static_cast<RESULT(*) PARAMETERS>(&NAME)},
const std::map<std::string, void *> &emulated::library_functions() {
    static const std::map<std::string, void *> table = {VLSEG_CUDA_PRODUCTS(ENTRY) VLSEG_CUDA_CONVOLUTIONS(ENTRY)};
    return table;
}
