/**
 * The naive backend: one plain loop per operation, computed in double. It is what every other
 * backend is tested against and the readable specification of {@link talweg.spi.Backend}.
 */
package talweg.reference;
