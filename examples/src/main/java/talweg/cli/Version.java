package talweg.cli;

import picocli.CommandLine.IVersionProvider;

/** The version from the jar's manifest. */
final class Version implements IVersionProvider {
  static String number() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "talweg %s (Java %s, %s)"
          .formatted(number(), Runtime.version(), System.getProperty("os.arch"))
    };
  }
}
