#include "reduce/reduce.cuh"

using namespace talweg;

REDUCE_ALL(f32)
