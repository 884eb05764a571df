package talweg.kernels;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of PTX that introduced each thing that the kernels' code uses: instructions with
 * their modifiers, directives, special registers, targets and pragmas. Code that states an older
 * version is refused by a driver that checks, even where another one lets it pass. What is not
 * listed counts as too new: look it up in NVIDIA's "PTX ISA", under "PTX ISA Notes" of the
 * instruction or in "Changes in PTX ISA Version", and add it here.
 */
final class PtxFeatures {
  private static final Pattern ALTERNATIVES = Pattern.compile("\\{([^{}]*)}");

  /** A version and what it introduced; braces hold alternatives, of which one may be nothing. */
  private static final String INSTRUCTIONS =
      """
      1.0 {abs,neg}.{f32,f64} neg.{s32,s64} {add,sub}.{f32,f64,s32,s64,u64}
      1.0 {add,mul}.rn.{f32,f64} add.rz.f32 mul.{f32,f64}
      1.0 mul.lo.{s32,s64,u32} mul.hi.u32 mul.wide.{s32,u32} mad.lo.s32 mad.wide.u32
      1.0 {div,rem}.{s32,s64,u32,u64} {max,min}.{f32,f64,s32,s64}
      1.0 {and,or,xor}.{b16,b32,b64,pred} not.{b32,b64,pred}
      1.0 shl.{b16,b32,b64} shr.{s32,s64,u16,u32,u64}
      1.0 setp.{eq,ne,lt,le,gt,ge}.{s16,s32,s64,u32,u64} setp.eq.{b32,b64}
      1.0 setp.{eq,ne,lt,le,gt,ge,equ,neu,ltu,leu,gtu,geu,num,nan}.{f32,f64}
      1.0 selp.{b16,b32,b64,f32,f64,u16,u32,u64}
      1.0 mov.{b32,b64,f32,f64,pred,u16,u32,u64}
      1.0 cvt.{rn,rzi}.f32.f64 cvt.f64.f32 cvt.rn.{f32,f64}.{s32,s64,u16,u32,u64}
      1.0 cvt.{rmi,rni,rzi,sat}.f32.f32 cvt.rzi.f64.f64
      1.0 cvt.{rni,rzi}.{s32,s64,u32}.{f32,f64}
      1.0 cvt.s64.s32 cvt.u16.{u32,u64} cvt.u32.{u16,u64} cvt.u64.{u16,u32}
      1.0 ld.{global,shared,local,param}.{,v2.,v4.}{b32,f32,f64,s32,u8,u16,u32,u64}
      1.0 st.{global,shared,local}.{,v2.,v4.}{f32,f64,u8,u16,u32,u64}
      1.0 bra{,.uni} call.uni ret bar.sync
      1.1 {ld,st}.volatile.global.f64 atom.global.inc.u32
      1.2 {add,addc,sub,subc}.cc.u32 {addc,subc}.u32 atom.global.{add.u64,cas.b64}
      1.4 {div,rcp,sqrt}.rn.{f32,f64} ex2.approx.{,ftz.}f32 rcp.approx.ftz.f32 fma.rn.f64
      1.4 membar.gl
      2.0 fma.{rn,rm}.f32 bfi.{b32,b64} clz.b64 popc.b32 prmt.b32 copysign.{f32,f64}
      2.0 cvta.{,to.}{global,local}.u64 st.param.{b32,f64}
      2.1 rcp.approx.ftz.f64
      3.0 mad.lo.cc.u32 madc.{lo,hi}.{,cc.}u32
      3.1 ld.global.nc.{,v2.}{u32,u64,f64}
      6.0 shfl.sync.bfly.b32 vote.sync.ballot.b32
      7.0 cvt.rna.tf32.f32
      7.0 mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
      7.0 mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
      """;

  private static final String DIRECTIVES =
      """
      1.0 .version .target .visible .entry .func .reg .param .shared .local .global .align
      1.0 .pred .{b,u}{8,16,32,64} .{f32,f64}
      1.3 .maxntid
      2.0 .pragma .minnctapersm
      2.3 .address_size
      """;

  private static final String SPECIAL_REGISTERS =
      """
      2.0 %{tid,ntid,ctaid,nctaid}.{x,y,z}
      """;

  private static final String TARGETS =
      """
      6.3 sm_75
      7.0 sm_80
      7.8 sm_90
      """;

  private static final String PRAGMAS =
      """
      2.0 nounroll
      8.3 used_bytes_mask
      9.0 frequency enable_smem_spilling
      """;

  private static final Map<PtxWords.Kind, Map<String, Version>> TABLES =
      Map.of(
          PtxWords.Kind.INSTRUCTION, table(INSTRUCTIONS),
          PtxWords.Kind.DIRECTIVE, table(DIRECTIVES),
          PtxWords.Kind.SPECIAL_REGISTER, table(SPECIAL_REGISTERS),
          PtxWords.Kind.TARGET, table(TARGETS),
          PtxWords.Kind.PRAGMA, table(PRAGMAS));

  private PtxFeatures() {}

  private record Version(int major, int minor) implements Comparable<Version> {
    static Version of(String text) {
      String[] parts = text.split("\\.", 2);
      return new Version(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public int compareTo(Version other) {
      return major != other.major
          ? Integer.compare(major, other.major)
          : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  /**
   * What in a module's text needs a newer version than it states, or is not known here, each with
   * its line; empty if there is nothing.
   *
   * @param name the file's, for the messages
   */
  static List<String> tooNew(String name, String ptx) {
    String stated = PtxWords.version(ptx);
    if (stated.isEmpty()) {
      return List.of(name + ": expected a line \".version MAJOR.MINOR\", got none");
    }
    List<String> problems = new ArrayList<>();
    for (PtxWords.Word word : PtxWords.of(ptx)) {
      Version since = TABLES.get(word.kind()).get(feature(word));
      if (since == null || since.compareTo(Version.of(stated)) > 0) {
        problems.add(
            "%s, line %d: %s \"%s\" %s, but the text states %s"
                .formatted(
                    name,
                    word.line(),
                    word.kind().label(),
                    word.text(),
                    since == null ? "is not known" : "needs PTX " + since,
                    stated));
      }
    }
    return problems;
  }

  /** A pragma counts by its first word; numbers follow. */
  private static String feature(PtxWords.Word word) {
    return word.kind() == PtxWords.Kind.PRAGMA ? word.text().split(" ", 2)[0] : word.text();
  }

  private static Map<String, Version> table(String lines) {
    Map<String, Version> table = new HashMap<>();
    for (String line : lines.strip().split("\n")) {
      String[] words = line.strip().split(" ");
      for (int i = 1; i < words.length; i++) {
        for (String feature : expand(words[i])) {
          Version other = table.put(feature, Version.of(words[0]));
          if (other != null) {
            throw new AssertionError(feature + " is listed twice");
          }
        }
      }
    }
    return table;
  }

  private static List<String> expand(String pattern) {
    Matcher braces = ALTERNATIVES.matcher(pattern);
    if (!braces.find()) {
      return List.of(pattern);
    }
    List<String> all = new ArrayList<>();
    for (String choice : braces.group(1).split(",", -1)) {
      all.addAll(
          expand(pattern.substring(0, braces.start()) + choice + pattern.substring(braces.end())));
    }
    return all;
  }
}
