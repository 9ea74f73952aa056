// Returns one random number of the counter-based generator, for code that needs to know what a kernel drew.
#include "kernels.h"
#include <math.h>
#include <string.h>
#define LANES 4
#pragma clang fp contract(fast)
#include "vector.inc.h"
#include "functions.inc.h"

float vlseg_dropout_uniform(uint64_t seed, uint64_t index) {
    vf u = uniforms(keys_of(seed), index);
    return u[0];
}
