#include "elementwise/unary.cuh"

using namespace talweg;

UNARY_ALL(f32)
