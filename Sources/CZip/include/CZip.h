// libzip, for reading the zip container of .xlsx sheets and PyTorch weight files.
#pragma once
#include <zip.h>
