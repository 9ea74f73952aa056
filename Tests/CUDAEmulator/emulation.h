// What a file of kernels finds when it is compiled as C++ for the CPU: the types and functions that CUDA has built in, and a table of the
// kernels.
#pragma once
#define CUDA_EMULATED 1
#include "cudacpu.h"
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>

static inline float __uint_as_float(unsigned x) {
    float y;
    memcpy(&y, &x, 4);
    return y;
}
static inline unsigned __float_as_uint(float x) {
    unsigned y;
    memcpy(&y, &x, 4);
    return y;
}
static inline float __int_as_float(int x) { return __uint_as_float((unsigned)x); }
static inline int __float_as_int(float x) { return (int)__float_as_uint(x); }
using std::max;
using std::min;

namespace emulation {
/// A launch whose arguments have been copied: to be run now or, recorded, any number of times.
typedef std::function<void(dim3 grid, dim3 block, size_t shared)> Launch;
typedef std::function<Launch(void **arguments)> Binder;
/// Kernels by "file#format#name".
std::map<std::string, Binder> &kernels();

template <class... A, size_t... I> Binder binder(void (*kernel)(A...), std::index_sequence<I...>) {
    return [kernel](void **arguments) -> Launch {
        std::tuple<A...> values(*(A *)arguments[I]...);
        return [kernel, values](dim3 grid, dim3 block, size_t shared) {
            cudacpu::launch(grid, block, shared, [kernel, values] { std::apply(kernel, values); });
        };
    };
}

struct Registration {
    template <class... A> Registration(const char *file, const char *format, const char *name, void (*kernel)(A...)) {
        kernels()[std::string(file) + "#" + format + "#" + name] = binder(kernel, std::index_sequence_for<A...>());
    }
};
} // namespace emulation

#define KERNEL(NAME, ...)                                                                                                                  \
    static void NAME(__VA_ARGS__);                                                                                                         \
    static emulation::Registration registration_of_##NAME(KERNEL_FILE, KERNEL_FORMAT, #NAME, &NAME);                                       \
    static void NAME(__VA_ARGS__)
#define KERNEL_OF(THREADS, NAME, ...) KERNEL(NAME, __VA_ARGS__)
#define DYNAMIC_SHARED(TYPE, NAME) TYPE *NAME = (TYPE *)cudacpu::cur->dyn
