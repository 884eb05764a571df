/** Tensors, shapes and element types: the handles that users touch. */
package talweg.tensor;
