/** The closed vocabulary of operations and of the calls that backends may fuse. */
package talweg.op;
