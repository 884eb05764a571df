/** The errors that Talweg raises on purpose. */
package talweg.error;
