/**
 * Downloads of public data sets over HTTPS, each file checked against a SHA-256 that is part of the
 * program. The only code that uses the network, and only for the command {@code talweg fetch}.
 */
package talweg.fetch;
