/** ND4J behind the interface of backends, to compare with; it is loaded only when asked for. */
package talweg.nd4j;
