/** Networks: modules with named parameters, layers, losses, initialisers. */
package talweg.nn;
