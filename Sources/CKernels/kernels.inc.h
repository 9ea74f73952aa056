// Everything compiled once per instruction set; included by kernels_*.c after LANES and the target attribute are set.
// All functions are static: nothing of one instruction set can be linked in place of another's.
#define VLSEG_ENTRY(NAME) .NAME = NAME,
#pragma clang fp contract(fast)
#include "vector.inc.h"
#include "functions.inc.h"
#include "elementwise.inc.h"
#include "rows.inc.h"
#include "norms.inc.h"
#include "depthwise.inc.h"
#include "conv1d.inc.h"
#include "scan.inc.h"
#include "attention.inc.h"
#include "losses.inc.h"
#include "optimizer.inc.h"
