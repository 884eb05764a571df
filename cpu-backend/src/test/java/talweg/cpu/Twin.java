package talweg.cpu;

import talweg.spi.View;

/**
 * One tensor on both backends, in the same layout.
 *
 * @param expected the view on the reference backend
 * @param actual the view on the backend under test
 */
public record Twin(View expected, View actual) {}
