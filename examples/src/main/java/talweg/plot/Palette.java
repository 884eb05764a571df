package talweg.plot;

import java.awt.Color;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The colours of a picture by role, for light and for dark surroundings. The colours of lines can
 * be told apart with every common colour blindness (the first six, after Okabe and Ito 2008,
 * darkened or lightened for contrast).
 */
public enum Palette {
  /** Dark ink on white. */
  LIGHT(
      "#ffffff",
      "#1b1f24",
      "#59636e",
      "#e3e6ea",
      new String[] {
        "#0067a8", "#c44f00", "#007a5a", "#9b2f76", "#8a6500", "#1b1f24", "#6a51c9", "#b3261e",
        "#5c6f00", "#2f7d94"
      },
      "#9fbfdb",
      "#f8fafc",
      "#8ba6bf"),
  /** Light ink on near-black. */
  DARK(
      "#12161b",
      "#e8ecf1",
      "#a3adb8",
      "#2a313a",
      new String[] {
        "#56b4e9", "#ff9d4d", "#35d0a0", "#f29acb", "#f0e442", "#ffffff", "#b3a2ff", "#ff8a80",
        "#b7cc3f", "#8fd3e8"
      },
      "#355e84",
      "#161b21",
      "#55779a");

  /** How many colours of lines there are. */
  public static final int LINES = 10;

  private static final int STEPS = 16;

  private final Map<String, Color> colors = new LinkedHashMap<>();

  Palette(
      String background,
      String ink,
      String muted,
      String grid,
      String[] lines,
      String low,
      String high,
      String contour) {
    // Before the first class of AWT is initialised: no display is needed, nor an icon in a dock.
    System.setProperty("java.awt.headless", "true");
    colors.put("background", Color.decode(background));
    colors.put("ink", Color.decode(ink));
    colors.put("muted", Color.decode(muted));
    colors.put("grid", Color.decode(grid));
    colors.put("contour", Color.decode(contour));
    for (int i = 0; i < lines.length; i++) {
      colors.put("line-" + i, Color.decode(lines[i]));
    }
    for (int i = 0; i < STEPS; i++) {
      colors.put(
          "height-" + i, mix(Color.decode(low), Color.decode(high), (double) i / (STEPS - 1)));
    }
  }

  /** All colours by the name of their role. */
  public Map<String, Color> colors() {
    return new LinkedHashMap<>(colors);
  }

  Color background() {
    return colors.get("background");
  }

  Color ink() {
    return colors.get("ink");
  }

  Color muted() {
    return colors.get("muted");
  }

  Color grid() {
    return colors.get("grid");
  }

  Color contour() {
    return colors.get("contour");
  }

  Color line(int i) {
    return colors.get("line-" + i % LINES);
  }

  /** The fill of a height, from 0 (lowest) to 1. */
  Color height(double share) {
    return colors.get("height-" + Math.round(share * (STEPS - 1)));
  }

  /** The role of a colour of this palette, or null. */
  String role(Color color) {
    return colors.entrySet().stream()
        .filter(e -> e.getValue().getRGB() == (color.getRGB() | 0xff000000))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  private static Color mix(Color a, Color b, double share) {
    return new Color(
        mix(a.getRed(), b.getRed(), share),
        mix(a.getGreen(), b.getGreen(), share),
        mix(a.getBlue(), b.getBlue(), share));
  }

  private static int mix(int a, int b, double share) {
    return (int) Math.round(a + (b - a) * share);
  }
}
