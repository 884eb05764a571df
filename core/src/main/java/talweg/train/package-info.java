/** Mini-batch training: trainer, objectives, metrics, model files. */
package talweg.train;
