/** What a backend implements: buffers, views and about twenty methods on numbers. */
package talweg.spi;
