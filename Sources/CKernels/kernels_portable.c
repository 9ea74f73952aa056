// The kernels compiled for the base architecture (4 floats per vector: SSE2 on x86-64, NEON on arm64).
#include "kernels.h"
#include <math.h>
#include <string.h>
#define LANES 4
#include "kernels.inc.h"
const struct vlseg_table vlseg_table_portable = {.name = "portable", VLSEG_KERNELS(VLSEG_ENTRY)};
