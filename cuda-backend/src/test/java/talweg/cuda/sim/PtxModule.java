package talweg.cuda.sim;

import java.util.Map;

/**
 * A PTX text, parsed: its functions and kernels, and the variables outside of them.
 *
 * @param target compute capability it was made for, e.g. 75
 */
record PtxModule(
    int target, Map<String, PtxFunction> functions, Map<String, PtxVariable> variables) {}
