package talweg.cuda.sim;

/** The shape of a launch: blocks, threads of each, and bytes of dynamic shared memory. */
record Grid(
    int gridX, int gridY, int gridZ, int blockX, int blockY, int blockZ, int dynamicShared) {
  static Grid of(int blocks, int threads) {
    return new Grid(blocks, 1, 1, threads, 1, 1, 0);
  }

  Grid withShared(int bytes) {
    return new Grid(gridX, gridY, gridZ, blockX, blockY, blockZ, bytes);
  }

  boolean sameBlocks(Grid other) {
    return blockX == other.blockX
        && blockY == other.blockY
        && blockZ == other.blockZ
        && dynamicShared == other.dynamicShared;
  }

  int threads() {
    return blockX * blockY * blockZ;
  }
}
