// How the blocks of one launch share a sum without a second launch: each leaves its part in memory, and the
// last one to finish adds them up, in a fixed order.
#pragma once

namespace talweg {

// Whether this block is the last to come here. What all blocks wrote before is then visible, if it is read
// as volatile. The ticket is 0 before the first and after the last.
__device__ __forceinline__ bool isLastBlock(unsigned *ticket) {
    __shared__ bool last;
    if (threadIdx.x == 0) {
        __threadfence();
        last = atomicInc(ticket, gridDim.x - 1) == gridDim.x - 1;
        __threadfence();
    }
    __syncthreads();
    return last;
}

}  // namespace talweg
