/** Runs golden vectors, results of reference libraries in JSON files, against a backend. */
package talweg.conformance;
