/** Small programs to read and to start from; each has a main method. */
package talweg.examples;
