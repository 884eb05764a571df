package talweg.cuda.sim;

import java.util.List;
import java.util.Map;

/**
 * A function or kernel as text, cut into statements.
 *
 * @param entry whether it is a kernel
 * @param statements instructions without their semicolons
 * @param labels index of the statement behind each label
 * @param tables targets of {@code brx.idx}, by label
 * @param mostThreads of a block
 */
record PtxFunction(
    String name,
    boolean entry,
    List<PtxVariable> results,
    List<PtxVariable> parameters,
    List<PtxVariable> variables,
    List<String> statements,
    Map<String, Integer> labels,
    Map<String, List<String>> tables,
    int mostThreads) {}
