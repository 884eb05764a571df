import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassSignature;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodSignature;
import java.lang.classfile.Signature;
import java.lang.classfile.attribute.InnerClassInfo;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.classfile.attribute.ModuleExportInfo;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prints the public API of modules: {@code java Api.java target/classes...}. Each type of an
 * exported package begins with {@code ##}, its name and kind; a line for each public or protected
 * member follows, sorted, with the simple names of types, so that a type that moves to another
 * package changes one line.
 */
public final class Api {
  private static final Set<AccessFlag> SHOWN =
      Set.of(
          AccessFlag.PUBLIC,
          AccessFlag.PROTECTED,
          AccessFlag.STATIC,
          AccessFlag.FINAL,
          AccessFlag.ABSTRACT);

  private final TreeMap<String, List<String>> types = new TreeMap<>();

  private Api() {}

  public static void main(String[] folders) throws IOException {
    Api api = new Api();
    for (String folder : folders) {
      api.addModule(Path.of(folder));
    }
    api.types.forEach((name, lines) -> {
      System.out.println("## " + name);
      lines.forEach(System.out::println);
      System.out.println();
    });
  }

  private void addModule(Path classes) throws IOException {
    ModuleAttribute module =
        ClassFile.of()
            .parse(classes.resolve("module-info.class"))
            .findAttribute(Attributes.module())
            .orElseThrow();
    for (ModuleExportInfo export : module.exports()) {
      if (export.exportsTo().isEmpty()) {
        Path folder = classes.resolve(export.exportedPackage().name().stringValue());
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
            addType(ClassFile.of().parse(file));
          }
        }
      }
    }
  }

  private void addType(ClassModel type) {
    Set<AccessFlag> flags = flags(type);
    if (!isVisible(flags) || flags.contains(AccessFlag.SYNTHETIC)) {
      return;
    }
    Set<String> members = new TreeSet<>();
    boolean isFinal = flags.contains(AccessFlag.FINAL);
    for (FieldModel field : type.fields()) {
      if (isApi(field.flags().flags(), isFinal)) {
        members.add(field(field));
      }
    }
    for (MethodModel method : type.methods()) {
      if (isApi(method.flags().flags(), isFinal)) {
        members.add(method(type, method));
      }
    }
    List<String> lines = new ArrayList<>(members);
    lines.addFirst(declaration(type, flags));
    types.put(type.thisClass().asInternalName().replace('/', '.').replace('$', '.'), lines);
  }

  /** Those of a nested type are in the attribute that lists nested types. */
  private static Set<AccessFlag> flags(ClassModel type) {
    return type.findAttribute(Attributes.innerClasses()).stream()
        .flatMap(a -> a.classes().stream())
        .filter(inner -> inner.innerClass().equals(type.thisClass()))
        .map(InnerClassInfo::flags)
        .findFirst()
        .orElse(type.flags().flags());
  }

  private static boolean isVisible(Set<AccessFlag> flags) {
    return flags.contains(AccessFlag.PUBLIC) || flags.contains(AccessFlag.PROTECTED);
  }

  private static boolean isApi(Set<AccessFlag> flags, boolean ofFinalType) {
    return !flags.contains(AccessFlag.SYNTHETIC)
        && (flags.contains(AccessFlag.PUBLIC)
            || flags.contains(AccessFlag.PROTECTED) && !ofFinalType);
  }

  private static String declaration(ClassModel type, Set<AccessFlag> flags) {
    String superclass = type.superclass().map(c -> name(c.asSymbol())).orElse("Object");
    String kind =
        flags.contains(AccessFlag.ANNOTATION)
            ? "annotation"
            : flags.contains(AccessFlag.INTERFACE)
                ? "interface"
                : superclass.equals("Enum")
                    ? "enum"
                    : superclass.equals("Record") ? "record" : "class";
    StringBuilder text = new StringBuilder("type ");
    text.append(kind.equals("class") ? modifiers(flags) : modifiers(Set.of(AccessFlag.PUBLIC)));
    type.findAttribute(Attributes.permittedSubclasses()).ifPresent(_ -> text.append("sealed "));
    text.append(kind);
    ClassSignature signature =
        type.findAttribute(Attributes.signature()).map(a -> a.asClassSignature()).orElse(null);
    if (signature != null) {
      text.append(parameters(signature.typeParameters()));
    }
    if (kind.equals("class") && !superclass.equals("Object")) {
      text.append(" extends ").append(superclass);
    }
    String interfaces =
        signature != null
            ? signature.superinterfaceSignatures().stream()
                .map(Api::text)
                .collect(Collectors.joining(", "))
            : type.interfaces().stream()
                .map(i -> name(i.asSymbol()))
                .collect(Collectors.joining(", "));
    return text + (interfaces.isEmpty() ? "" : " implements " + interfaces);
  }

  private static String field(FieldModel field) {
    Signature type =
        field
            .findAttribute(Attributes.signature())
            .map(a -> a.asTypeSignature())
            .orElse(Signature.of(field.fieldTypeSymbol()));
    String constant =
        field
            .findAttribute(Attributes.constantValue())
            .map(c -> " = " + c.constant().constantValue())
            .orElse("");
    return modifiers(field.flags().flags())
        + text(type)
        + " "
        + field.fieldName().stringValue()
        + constant;
  }

  private static String method(ClassModel type, MethodModel method) {
    MethodSignature signature =
        method
            .findAttribute(Attributes.signature())
            .map(a -> a.asMethodSignature())
            .orElse(MethodSignature.of(method.methodTypeSymbol()));
    List<String> arguments =
        new ArrayList<>(signature.arguments().stream().map(Api::text).toList());
    if (method.flags().has(AccessFlag.VARARGS) && !arguments.isEmpty()) {
      String last = arguments.removeLast();
      arguments.add(last.substring(0, last.length() - 2) + "...");
    }
    String name = method.methodName().stringValue();
    String typeParameters = parameters(signature.typeParameters());
    String result =
        name.equals("<init>")
            ? name(type.thisClass().asSymbol())
            : text(signature.result()) + " " + name;
    String thrown =
        method.findAttribute(Attributes.exceptions()).stream()
            .flatMap(e -> e.exceptions().stream())
            .map(e -> name(e.asSymbol()))
            .collect(Collectors.joining(", "));
    return modifiers(method.flags().flags())
        + (typeParameters.isEmpty() ? "" : typeParameters + " ")
        + result
        + "("
        + String.join(", ", arguments)
        + ")"
        + (thrown.isEmpty() ? "" : " throws " + thrown);
  }

  private static String modifiers(Set<AccessFlag> flags) {
    return Stream.of(
            AccessFlag.PUBLIC,
            AccessFlag.PROTECTED,
            AccessFlag.ABSTRACT,
            AccessFlag.STATIC,
            AccessFlag.FINAL)
        .filter(f -> SHOWN.contains(f) && flags.contains(f))
        .map(f -> f.name().toLowerCase() + " ")
        .collect(Collectors.joining());
  }

  private static String parameters(List<Signature.TypeParam> parameters) {
    return parameters.isEmpty()
        ? ""
        : parameters.stream()
            .map(p -> {
              String bounds =
                  Stream.concat(p.classBound().stream(), p.interfaceBounds().stream())
                      .map(Api::text)
                      .filter(b -> !b.equals("Object"))
                      .collect(Collectors.joining(" & "));
              return p.identifier() + (bounds.isEmpty() ? "" : " extends " + bounds);
            })
            .collect(Collectors.joining(", ", "<", ">"));
  }

  private static String text(Signature type) {
    return switch (type) {
      case Signature.BaseTypeSig base -> ClassDesc.ofDescriptor("" + base.baseType()).displayName();
      case Signature.ArrayTypeSig array -> text(array.componentSignature()) + "[]";
      case Signature.TypeVarSig variable -> variable.identifier();
      case Signature.ClassTypeSig c ->
          name(c.classDesc())
              + (c.typeArgs().isEmpty()
                  ? ""
                  : c.typeArgs().stream()
                      .map(Api::text)
                      .collect(Collectors.joining(", ", "<", ">")));
    };
  }

  private static String text(Signature.TypeArg argument) {
    return switch (argument) {
      case Signature.TypeArg.Unbounded _ -> "?";
      case Signature.TypeArg.Bounded bounded ->
          switch (bounded.wildcardIndicator()) {
                case NONE -> "";
                case EXTENDS -> "? extends ";
                case SUPER -> "? super ";
              }
              + text(bounded.boundType());
    };
  }

  /** The simple name, with that of the type around it. */
  private static String name(ClassDesc type) {
    return type.displayName().replace('$', '.');
  }
}
