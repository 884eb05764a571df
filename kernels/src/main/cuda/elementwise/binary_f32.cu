#include "elementwise/binary.cuh"

using namespace talweg;

BINARY_ALL(f32)
