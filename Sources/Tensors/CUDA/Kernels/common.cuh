// Types and small functions of all kernels. NVRTC compiles this for the installed GPU without any include path. For checks without a GPU
// the same text is compiled as C++ (Tests/CUDAEmulator). Every file of kernels is compiled once per format of activations: T is float or
// bf16.
//
// Sums over many elements use partial sums in a fixed order, never atomics: the same inputs give the same bits.

#ifndef CUDA_EMULATED
// The emulator has its own versions of these macros: its KERNEL also enters the function in a table, its DYNAMIC_SHARED takes its block's
// memory.
#define KERNEL(NAME, ...) extern "C" __global__ void NAME(__VA_ARGS__)
#define KERNEL_OF(THREADS, NAME, ...) extern "C" __global__ void __launch_bounds__(THREADS) NAME(__VA_ARGS__)
#define DYNAMIC_SHARED(TYPE, NAME)                                                                                                         \
    extern __shared__ __align__(16) unsigned char NAME##_bytes[];                                                                          \
    TYPE *NAME = (TYPE *)NAME##_bytes
#define INFINITY __int_as_float(0x7f800000)
#endif

#define DEVICE __device__ __forceinline__

typedef long long i64;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned char u8;

/// The upper half of a float32.
struct bf16 {
    unsigned short bits;
};

DEVICE float to_float(float x) { return x; }
DEVICE float to_float(bf16 x) { return __uint_as_float((u32)x.bits << 16); }

/// Rounds to nearest even; a NaN stays a NaN.
DEVICE bf16 to_bf16(float x) {
    bf16 y;
#if defined(__CUDA_ARCH__) && !defined(CUDA_EMULATED)
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
#else
    u32 bits = __float_as_uint(x);
    y.bits = (bits & 0x7fffffffu) > 0x7f800000u ? 0x7fff : (unsigned short)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
#endif
    return y;
}

template <class F> DEVICE F from_float(float x);
template <> DEVICE float from_float<float>(float x) { return x; }
template <> DEVICE bf16 from_float<bf16>(float x) { return to_bf16(x); }

/// V neighbouring elements in memory, read or written as floats by one access; the address must be a multiple of their size.
template <class F, int V> struct alignas(sizeof(F) * V) pack { F element[V]; };

template <int V, class F> DEVICE void load(const F *from, float (&to)[V]) {
    pack<F, V> p = *(const pack<F, V> *)from;
#pragma unroll
    for (int i = 0; i < V; i++) to[i] = to_float(p.element[i]);
}

template <int V, class F> DEVICE void store(F *to, const float (&from)[V]) {
    pack<F, V> p;
#pragma unroll
    for (int i = 0; i < V; i++) p.element[i] = from_float<F>(from[i]);
    *(pack<F, V> *)to = p;
}

/// Number of elements in sixteen bytes.
template <class F> struct vector_width { static const int value = 16 / sizeof(F); };

DEVICE float warp_sum(float x) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) x += __shfl_xor_sync(0xffffffffu, x, offset);
    return x;
}

DEVICE double warp_sum(double x) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) x += __shfl_xor_sync(0xffffffffu, x, offset);
    return x;
}

DEVICE float warp_max(float x) {
#pragma unroll
    for (int offset = 16; offset > 0; offset >>= 1) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, offset));
    return x;
}

/// The sum of x over all threads, returned in thread 0. `scratch` holds one value per warp; all threads of the block must call.
template <class F> DEVICE F block_sum(F x, F *scratch) {
    int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = (blockDim.x + 31) >> 5;
    x = warp_sum(x);
    __syncthreads();
    if (lane == 0) scratch[warp] = x;
    __syncthreads();
    F sum = 0;
    if (threadIdx.x == 0)
        for (int i = 0; i < warps; i++) sum += scratch[i];
    return sum;
}

/// Mixes a 64-bit number, as SplitMix64.hash in Swift.
DEVICE u64 mix64(u64 z) {
    z += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

/// The seed of a dropout: the seed of the pass and the number of the dropout in it. A recorded step reads the seed of the pass from memory,
/// because it changes at every step.
struct dropout_seed {
    const u64 *pass;
    u64 base;
    u64 mixed_count;
};

struct random_keys {
    u32 first, second;
};

DEVICE random_keys keys_of(dropout_seed seed) {
    u64 mixed = mix64(mix64((seed.pass != 0 ? *seed.pass : seed.base) + seed.mixed_count));
    random_keys keys = {(u32)mixed, (u32)(mixed >> 32)};
    return keys;
}

DEVICE u32 hash_of(random_keys keys, u32 low, u32 high) {
    u32 h = (low ^ keys.first) + high * 0x9e3779b9u;
    h = (h ^ (h >> 16)) * 0x7feb352du;
    h = (h ^ (h >> 15)) ^ keys.second;
    h = (h ^ (h >> 16)) * 0x21f0aaadu;
    h = (h ^ (h >> 15)) * 0xd35a2d97u;
    return h ^ (h >> 15);
}

/// The uniform number in [0, 1) of element `index`: the same as on the CPU (functions.inc.h).
DEVICE float uniform_of(random_keys keys, u64 index) {
    return (float)(hash_of(keys, (u32)index, (u32)(index >> 32)) >> 8) * 5.9604644775390625e-8f;
}

/// i % n, in 32-bit arithmetic if i fits: a 64-bit division takes as long as the rest of a pointwise kernel.
DEVICE int remainder_of(i64 i, int n) { return i >> 32 == 0 ? (int)((u32)i % (u32)n) : (int)(i % n); }
DEVICE i64 quotient_of(i64 i, int n) { return i >> 32 == 0 ? (i64)((u32)i / (u32)n) : i / n; }

/// Whether all of these addresses allow accesses of sixteen bytes.
template <class... P> DEVICE bool is_aligned(const P *...pointers) { return ((... | (u64)pointers) & 15) == 0; }

/// y[i] = f(x[i]) over the whole grid.
template <class F, class G, class Body> DEVICE void map(i64 n, const F *x, G *y, Body f) {
    const int V = vector_width<F>::value > vector_width<G>::value ? vector_width<G>::value : vector_width<F>::value;
    i64 thread = (i64)blockIdx.x * blockDim.x + threadIdx.x, threads = (i64)gridDim.x * blockDim.x, done = 0;
    if (is_aligned(x, y)) {
        for (i64 i = thread; i < n / V; i += threads) {
            float a[V];
            load<V>(x + i * V, a);
#pragma unroll
            for (int j = 0; j < V; j++) a[j] = f(a[j], i * V + j);
            store<V>(y + i * V, a);
        }
        done = n / V * V;
    }
    for (i64 i = done + thread; i < n; i += threads) y[i] = from_float<G>(f(to_float(x[i]), i));
}

/// y[i] = f(a[i], b[i]) over the whole grid.
template <class F, class G, class Body> DEVICE void map(i64 n, const F *a, const F *b, G *y, Body f) {
    const int V = vector_width<F>::value > vector_width<G>::value ? vector_width<G>::value : vector_width<F>::value;
    i64 thread = (i64)blockIdx.x * blockDim.x + threadIdx.x, threads = (i64)gridDim.x * blockDim.x, done = 0;
    if (is_aligned(a, b, y)) {
        for (i64 i = thread; i < n / V; i += threads) {
            float p[V], q[V];
            load<V>(a + i * V, p);
            load<V>(b + i * V, q);
#pragma unroll
            for (int j = 0; j < V; j++) p[j] = f(p[j], q[j]);
            store<V>(y + i * V, p);
        }
        done = n / V * V;
    }
    for (i64 i = done + thread; i < n; i += threads) y[i] = from_float<G>(f(to_float(a[i]), to_float(b[i])));
}

// ---- functions

DEVICE float normal_distribution(float x) { return 0.5f + 0.5f * erff(x * 0.707106781f); }
DEVICE float gelu(float x) { return x * normal_distribution(x); }
/// Phi(x) + x phi(x).
DEVICE float gelu_slope(float x) { return normal_distribution(x) + x * 0.398942280f * expf(-0.5f * x * x); }
DEVICE float sigmoid(float x) {
    float e = expf(-fabsf(x));
    return (x < 0 ? e : 1.0f) / (1.0f + e);
}
/// PyTorch's rule: x for x > 20.
DEVICE float softplus(float x) { return x > 20.0f ? x : fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x))); }

// ---- sums of columns

/// Sums Q quantities of a matrix [rows, c] over its rows. Block (x, y) takes rows x, x + gridDim.x, ... in groups, and the column groups
/// from y * 256 on. `next(row, column, v)` returns the quantities of V columns in v and is called once per row and group. partials [Q,
/// gridDim.x, c] receives each block's sums. Grid (P, ceil(ceil(c / V) / 256)), block 256.
template <int V, int Q, class Next> DEVICE void sum_columns(i64 rows, int c, float *partials, float (*scratch)[V], Next next) {
    int groups = (c + V - 1) / V, first = blockIdx.y * 256, here = min(groups - first, 256);
    // Neighbouring threads take neighbouring columns; the remaining threads of the block take further rows.
    int lanes = 256 / here, lane = threadIdx.x / here, group = threadIdx.x % here, column = (first + group) * V;
    float sum[Q][V];
#pragma unroll
    for (int q = 0; q < Q; q++)
#pragma unroll
        for (int i = 0; i < V; i++) sum[q][i] = 0;
    if (lane < lanes)
#pragma unroll 4
        for (i64 row = (i64)blockIdx.x * lanes + lane; row < rows; row += (i64)gridDim.x * lanes) {
            float v[Q][V];
            next(row, column, v);
#pragma unroll
            for (int q = 0; q < Q; q++)
#pragma unroll
                for (int i = 0; i < V; i++) sum[q][i] += v[q][i];
        }
#pragma unroll
    for (int q = 0; q < Q; q++) {
#pragma unroll
        for (int i = 0; i < V; i++) scratch[threadIdx.x][i] = sum[q][i];
        __syncthreads();
        if (lane == 0) {
            for (int l = 1; l < lanes; l++)
#pragma unroll
                for (int i = 0; i < V; i++) sum[q][i] += scratch[l * here + group][i];
#pragma unroll
            for (int i = 0; i < V; i++)
                if (column + i < c) partials[((i64)q * gridDim.x + blockIdx.x) * c + column + i] = sum[q][i];
        }
        __syncthreads();
    }
}

// ---- asynchronous copies and tensor cores

#ifndef CUDA_EMULATED
/// An address in shared memory.
typedef u32 shared_at;

DEVICE shared_at shared_address(const void *pointer) {
    u64 address;
    asm("cvta.to.shared.u64 %0, %1;" : "=l"(address) : "l"(pointer));
    return (u32)address;
}

/// Starts a copy of sixteen bytes from global to shared memory, or writes zeros if `valid` is false (then nothing is read). Both addresses
/// are multiples of sixteen. The copy has arrived after copies_close() and copies_wait<N>, where N closed groups may still be unfinished;
/// other threads see it after a further barrier.
DEVICE void copy_async(shared_at to, const void *from, bool valid) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(valid ? 16 : 0) : "memory");
}
DEVICE void copies_close() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N> DEVICE void copies_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

/// Loads four 8 x 8 matrices of bf16. Lanes 8 i to 8 i + 7 point to the rows of sixteen bytes of matrix i. Register i of lane l holds
/// elements 2 (l % 4) and the next one of row l / 4 of matrix i; with `transposed`, of column l / 4.
DEVICE void load_matrices(u32 (&to)[4], shared_at row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(row)
                 : "memory");
}
DEVICE void load_matrices_transposed(u32 (&to)[4], shared_at row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(row)
                 : "memory");
}

/// c [16, 8] += a [16, 16] b [16, 8]. With g = lane / 4, t = lane % 4: a holds rows g, g + 8, g, g + 8 at columns 2 t, 2 t, 2 t + 8, 2 t +
/// 8 and the next ones; b holds rows 2 t and 2 t + 8 and the next ones of column g; c holds row g at columns 2 t and 2 t + 1, then row g +
/// 8.
DEVICE void multiply_matrices(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

/// 2^x, to about two units in the last place.
DEVICE float power_of_two(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

/// Two floats as bf16, the first one in the lower half.
DEVICE u32 pack_halves(float low, float high) {
    u32 both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
    return both;
}
#else
#include "tensor_cores.h"
#endif
