/** Event files that TensorBoard shows, written without TensorFlow. */
package talweg.tensorboard;
