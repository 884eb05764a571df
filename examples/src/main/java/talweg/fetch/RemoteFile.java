package talweg.fetch;

/**
 * A file that is known before it is downloaded.
 *
 * @param name the file's name, behind a mirror's address and in the folder
 * @param bytes its size
 * @param sha256 its SHA-256, 64 hexadecimal digits in lower case
 */
public record RemoteFile(String name, long bytes, String sha256) {
  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException if the name is not a plain file name, or the rest is
   *     impossible
   */
  public RemoteFile {
    boolean sensible =
        name.matches("[A-Za-z0-9][A-Za-z0-9._-]*") && bytes > 0 && sha256.matches("[0-9a-f]{64}");
    if (!sensible) {
      throw new IllegalArgumentException("fetch: no such file: " + name);
    }
  }
}
