package talweg.cuda.sim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/** Reads from a 64-bit shared library (ELF) which functions it expects others to bring. */
final class ElfSymbols {
  private static final int DYNAMIC_SYMBOLS = 11;
  private static final int SECTION_BYTES = 64;
  private static final int SYMBOL_BYTES = 24;

  private ElfSymbols() {}

  /** The undefined dynamic symbols whose names begin with the prefix. */
  static Set<String> undefined(byte[] library, String prefix) {
    ByteBuffer elf = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN);
    long sections = elf.getLong(0x28);
    int count = elf.getShort(0x3c);
    Set<String> names = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      int header = Math.toIntExact(sections + (long) i * SECTION_BYTES);
      if (elf.getInt(header + 4) == DYNAMIC_SYMBOLS) {
        int link = elf.getInt(header + 0x28);
        int strings =
            (int) elf.getLong(Math.toIntExact(sections + (long) link * SECTION_BYTES + 0x18));
        int first = (int) elf.getLong(header + 0x18);
        int end = first + (int) elf.getLong(header + 0x20);
        for (int symbol = first; symbol < end; symbol += SYMBOL_BYTES) {
          String name = string(library, strings + elf.getInt(symbol));
          if (elf.getShort(symbol + 6) == 0 && name.startsWith(prefix)) {
            names.add(name);
          }
        }
      }
    }
    return names;
  }

  private static String string(byte[] bytes, int at) {
    int end = at;
    while (bytes[end] != 0) {
      end++;
    }
    return new String(bytes, at, end - at, StandardCharsets.US_ASCII);
  }
}
