package talweg.cuda.sim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a shared library (ELF for x86-64) that holds nothing but a jump for each of its functions,
 * through a table that can be filled afterwards. Until then each function returns 801, "not
 * supported". No compiler is needed for it.
 */
final class JumpLibrary {
  /** The exported table: one address for each function, in their order. */
  static final String TABLE = "talweg_jump_table";

  private static final int PAGE = 4096;
  private static final int HEADER = 64;
  private static final int SEGMENT_HEADER = 56;
  private static final int SEGMENTS = 4;
  private static final int GNU_STACK = 0x6474e551;
  private static final int SYMBOL_BYTES = 24;
  private static final int RELOCATION_BYTES = 24;
  private static final int JUMP_BYTES = 8;
  private static final int BUCKETS = 64;
  private static final byte GLOBAL_OBJECT = 0x11;
  private static final byte GLOBAL_FUNCTION = 0x12;

  private final List<String> functions;
  private final String soname;
  private final StringBuilder strings = new StringBuilder("\0");
  private final Map<String, Integer> stringOffsets = new HashMap<>();
  private int hash;
  private int symbols;
  private int names;
  private int relocations;
  private int text;
  private int dynamic;
  private int table;
  private int end;

  private JumpLibrary(String soname, List<String> functions) {
    this.soname = soname;
    this.functions = functions;
  }

  static byte[] write(String soname, List<String> functions) {
    return new JumpLibrary(soname, functions).build();
  }

  private byte[] build() {
    List<String> all = new ArrayList<>(functions);
    all.add(TABLE);
    string(soname);
    all.forEach(this::string);
    layOut(all.size() + 1);
    ByteBuffer out = ByteBuffer.allocate(end).order(ByteOrder.LITTLE_ENDIAN);
    header(out);
    hashTable(out, all);
    symbolTable(out, all);
    out.put(names, strings.toString().getBytes(StandardCharsets.US_ASCII));
    jumps(out);
    dynamicSection(out);
    return out.array();
  }

  private void string(String value) {
    stringOffsets.put(value, strings.length());
    strings.append(value).append('\0');
  }

  /** Places in the file; in memory they are the same. The second page group can be written to. */
  private void layOut(int symbolCount) {
    hash = HEADER + SEGMENTS * SEGMENT_HEADER;
    symbols = align(hash + 4 * (2 + BUCKETS + symbolCount), 8);
    names = symbols + symbolCount * SYMBOL_BYTES;
    relocations = align(names + strings.length(), 8);
    text = align(relocations + functions.size() * RELOCATION_BYTES, 16);
    dynamic = align(text + (functions.size() + 1) * JUMP_BYTES, PAGE);
    table = dynamic + 10 * 16;
    end = table + functions.size() * 8;
  }

  private static int align(int value, int to) {
    return (value + to - 1) / to * to;
  }

  private void header(ByteBuffer out) {
    out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    out.putShort((short) 3).putShort((short) 62).putInt(1); // shared object, x86-64
    out.putLong(0).putLong(HEADER).putLong(0).putInt(0);
    out.putShort((short) HEADER).putShort((short) SEGMENT_HEADER).putShort((short) SEGMENTS);
    out.position(HEADER);
    segment(out, 1, 5, 0, text + (functions.size() + 1) * JUMP_BYTES);
    segment(out, 1, 6, dynamic, end - dynamic);
    segment(out, 2, 6, dynamic, table - dynamic);
    segment(out, GNU_STACK, 6, 0, 0); // no code on the stack
  }

  private static void segment(ByteBuffer out, int type, int flags, long at, long size) {
    out.putInt(type).putInt(flags).putLong(at).putLong(at).putLong(at);
    out.putLong(size).putLong(size).putLong(type == 1 ? PAGE : 8);
  }

  /** The System V hash table by which the dynamic linker finds a symbol. */
  private void hashTable(ByteBuffer out, List<String> all) {
    int[] buckets = new int[BUCKETS];
    int[] chains = new int[all.size() + 1];
    for (int i = 0; i < all.size(); i++) {
      int bucket = Integer.remainderUnsigned(hash(all.get(i)), BUCKETS);
      chains[i + 1] = buckets[bucket];
      buckets[bucket] = i + 1;
    }
    out.position(hash).putInt(BUCKETS).putInt(chains.length);
    for (int bucket : buckets) {
      out.putInt(bucket);
    }
    for (int chain : chains) {
      out.putInt(chain);
    }
  }

  private static int hash(String name) {
    int h = 0;
    for (char c : name.toCharArray()) {
      h = (h << 4) + c;
      h ^= (h & 0xf000_0000) >>> 24;
      h &= 0x0fff_ffff;
    }
    return h;
  }

  private void symbolTable(ByteBuffer out, List<String> all) {
    out.position(symbols + SYMBOL_BYTES);
    for (int i = 0; i < all.size(); i++) {
      boolean function = i < functions.size();
      out.putInt(stringOffsets.get(all.get(i)));
      out.put(function ? GLOBAL_FUNCTION : GLOBAL_OBJECT).put((byte) 0).putShort((short) 1);
      out.putLong(function ? text + (long) i * JUMP_BYTES : table);
      out.putLong(function ? JUMP_BYTES : functions.size() * 8L);
    }
  }

  private void jumps(ByteBuffer out) {
    int unsupported = text + functions.size() * JUMP_BYTES;
    for (int i = 0; i < functions.size(); i++) {
      int at = text + i * JUMP_BYTES;
      int slot = table + i * 8;
      out.position(at).put((byte) 0xff).put((byte) 0x25).putInt(slot - (at + 6)); // jmp [rip+n]
      out.position(relocations + i * RELOCATION_BYTES);
      out.putLong(slot).putLong(8).putLong(unsupported); // R_X86_64_RELATIVE
    }
    out.position(unsupported).put((byte) 0xb8).putInt(CuResult.NOT_SUPPORTED).put((byte) 0xc3);
  }

  private void dynamicSection(ByteBuffer out) {
    long[][] entries = {
      {14, stringOffsets.get(soname)},
      {4, hash},
      {5, names},
      {10, strings.length()},
      {6, symbols},
      {11, SYMBOL_BYTES},
      {7, relocations},
      {8, (long) functions.size() * RELOCATION_BYTES},
      {9, RELOCATION_BYTES},
      {0, 0},
    };
    out.position(dynamic);
    for (long[] entry : entries) {
      out.putLong(entry[0]).putLong(entry[1]);
    }
  }
}
