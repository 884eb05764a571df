/**
 * Pictures: contour lines of surfaces, curves and points, as SVG and PNG. Axes and legends are
 * JFreeChart's.
 */
package talweg.plot;
