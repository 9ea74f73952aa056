// The kernels compiled for the base architecture.
#include "pixels.h"
#include "pixels.inc.h"
const struct vlpx_table vlpx_table_portable = VLPX_TABLE("portable");
