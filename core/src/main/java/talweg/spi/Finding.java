package talweg.spi;

/**
 * One thing that a backend looked for on this machine.
 *
 * @param part what it is, e.g. {@code driver}
 * @param usable whether it is there and can be used
 * @param detail what was found, or else what was searched, where, and what to do
 */
public record Finding(String part, boolean usable, String detail) {}
