// Twins of the inline PTX in common.cuh: asynchronous copies, and matrices spread over the registers of a warp.
#pragma once
#include "cudacpu.h"
#include <deque>

typedef uintptr_t shared_at;
static inline shared_at shared_address(const void *pointer) { return (shared_at)pointer; }

namespace emulation {
// Copies as late as the hardware may make them: what a thread has started is copied only when it waits for it, so that a kernel that reads
// too early, or waits for the wrong group, finds what was there before.
struct AsyncCopy {
    void *to;
    const void *from;
    bool valid;
};
/// The groups of copies of each thread of the running block, the open one last.
struct AsyncCopies {
    std::vector<std::deque<std::vector<AsyncCopy>>> groups;
    std::deque<std::vector<AsyncCopy>> &mine() {
        if (groups.size() < cudacpu::cur->f.size()) groups.resize(cudacpu::cur->f.size());
        auto &own = groups[cudacpu::me().id];
        if (own.empty()) own.emplace_back();
        return own;
    }
};
inline thread_local AsyncCopies async_copies;

/// What the lanes of each warp show each other.
struct Lane {
    shared_at row;
    unsigned a[4], b[2];
};
inline thread_local Lane lanes[32][32];

/// This lane's place, after all lanes have filled theirs.
inline Lane *meet(const Lane &own) {
    unsigned id = cudacpu::me().id;
    lanes[id / 32][id % 32] = own;
    __syncwarp();
    return lanes[id / 32];
}

inline float half_of(unsigned pair, int upper) { return __uint_as_float(upper ? pair & 0xffff0000u : pair << 16); }

inline void check_alignment(uintptr_t address, const char *what) {
    if (address & 15) {
        fprintf(stderr, "cudacpu: %s at %p, no multiple of 16\n", what, (void *)address);
        abort();
    }
}
} // namespace emulation

static inline void copy_async(shared_at to, const void *from, bool valid) {
    emulation::check_alignment(to | (uintptr_t)from, "asynchronous copy");
    emulation::async_copies.mine().back().push_back({(void *)to, from, valid});
}

static inline void copies_close() { emulation::async_copies.mine().emplace_back(); }

template <int N> static inline void copies_wait() {
    auto &groups = emulation::async_copies.mine();
    for (; (int)groups.size() > N + 1; groups.pop_front())
        for (auto &copy : groups.front())
            if (copy.valid)
                memcpy(copy.to, copy.from, 16);
            else
                memset(copy.to, 0, 16);
}

static inline void load_matrices(unsigned (&to)[4], shared_at row) {
    emulation::check_alignment(row, "matrix row");
    emulation::Lane own = {};
    own.row = row;
    emulation::Lane *lane = emulation::meet(own);
    unsigned l = cudacpu::laneId();
    for (unsigned i = 0; i < 4; i++) memcpy(&to[i], (const char *)lane[i * 8 + l / 4].row + l % 4 * 4, 4);
    __syncwarp();
}

static inline void load_matrices_transposed(unsigned (&to)[4], shared_at row) {
    emulation::check_alignment(row, "matrix row");
    emulation::Lane own = {};
    own.row = row;
    emulation::Lane *lane = emulation::meet(own);
    unsigned l = cudacpu::laneId();
    for (unsigned i = 0; i < 4; i++) {
        unsigned short pair[2];
        for (unsigned k = 0; k < 2; k++) memcpy(&pair[k], (const char *)lane[i * 8 + l % 4 * 2 + k].row + l / 4 * 2, 2);
        to[i] = pair[0] | (unsigned)pair[1] << 16;
    }
    __syncwarp();
}

static inline void multiply_matrices(float (&c)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
    emulation::Lane *lane = emulation::meet({0, {a[0], a[1], a[2], a[3]}, {b0, b1}});
    unsigned l = cudacpu::laneId(), g = l / 4, t = l % 4;
    for (unsigned i = 0; i < 4; i++) {
        float sum = 0; // products of bf16 are exact in float32
        for (unsigned k = 0; k < 16; k++) {
            unsigned part = k % 8 / 2, upper = k / 8;
            sum += emulation::half_of(lane[g * 4 + part].a[i / 2 + 2 * upper], k % 2) *
                   emulation::half_of(lane[(t * 2 + i % 2) * 4 + part].b[upper], k % 2);
        }
        c[i] += sum;
    }
    __syncwarp();
}

static inline float power_of_two(float x) { return exp2f(x); }

static inline unsigned pack_halves(float low, float high) {
    unsigned short pair[2];
    float values[2] = {low, high};
    for (int i = 0; i < 2; i++) pair[i] = __float2bfloat16(values[i]).x;
    return pair[0] | (unsigned)pair[1] << 16;
}
