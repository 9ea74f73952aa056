// The kernels of the image path, for one element type of activations and their gradients. Included once per type, with
//   element       the type in memory: float or vlseg_bf16 (arithmetic, sums and parameters are float32 for both)
//   TYPED(name) the name of a kernel, helper or struct for this element type; every name at file level in these files uses it
#include "elementwise.inc.h"
#include "rows.inc.h"
#include "gelu_bias.inc.h"
#include "norms.inc.h"
#include "depthwise.inc.h"
#include "attention.inc.h"
#include "window_attention.inc.h"
