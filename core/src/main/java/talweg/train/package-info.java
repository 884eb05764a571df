/** Mini-batch training: trainer, objectives, metrics, checkpoints. */
package talweg.train;
