package talweg.cuda.sim;

/** Something a stream does, or a graph does again. */
record Work(String kind, Runnable action) {}
