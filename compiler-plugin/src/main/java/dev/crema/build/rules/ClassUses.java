package dev.crema.build.rules;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.constant.ClassDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What one class file refers to.
 *
 * @param name binary name, such as {@code dev.crema.graph.Op$Add}
 * @param classes binary names of all classes it names, itself included
 * @param members uses of members, each with its line
 * @param lambdas functional interface method that a lambda or method reference stands for, with what it calls
 */
record ClassUses(String name, String sourceFile, Set<String> classes, List<MemberUse> members, List<LambdaUse> lambdas) {
    /** A member as {@code owner#name}, used in a method at a line; line 0 where the class file does not say. */
    record MemberUse(String owner, String member, String method, int line) {
    }

    /** {@code method} makes an object whose only method {@code interfaceMethod} calls {@code owner#implementation}. */
    record LambdaUse(String method, String interfaceMethod, String owner, String implementation, int line) {
    }

    /** All class files below the folder, in order of their names. */
    static List<ClassUses> readAll(Path folder) throws IOException {
        List<Path> files;
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> found = Files.walk(folder)) {
            files = found.filter(file -> file.toString().endsWith(".class")).sorted().toList();
        }
        List<ClassUses> all = new ArrayList<>();
        for (Path file : files) {
            all.add(read(Files.readAllBytes(file)));
        }
        return all;
    }

    static ClassUses read(byte[] bytes) {
        ClassModel model = ClassFile.of().parse(bytes);
        String name = model.thisClass().asInternalName().replace('/', '.');
        String source = model.findAttribute(Attributes.sourceFile()).map(file -> file.sourceFile().stringValue()).orElse("?");
        ClassUses uses = new ClassUses(name, source, new TreeSet<>(), new ArrayList<>(), new ArrayList<>());
        uses.scanPool(model);
        for (MethodModel method : model.methods()) {
            method.code().ifPresent(code -> uses.scanCode(method.methodName().stringValue(), code));
        }
        return uses;
    }

    /** The place of a line in this class for messages: {@code Foo.java:12 (dev.crema.Foo)}. */
    String at(int line) {
        return sourceFile + (line > 0 ? ":" + line : "") + " (" + name + ")";
    }

    String packageName() {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    private void scanPool(ClassModel model) {
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof ClassEntry type) {
                addClass(type.asSymbol());
            } else if (entry instanceof NameAndTypeEntry member) {
                addDescriptor(member.type().stringValue());
            }
        }
        model.methods().forEach(method -> addDescriptor(method.methodType().stringValue()));
        model.fields().forEach(field -> addDescriptor(field.fieldType().stringValue()));
    }

    private void addDescriptor(String descriptor) {
        if (descriptor.startsWith("(")) {
            MethodTypeDesc type = MethodTypeDesc.ofDescriptor(descriptor);
            type.parameterList().forEach(this::addClass);
            addClass(type.returnType());
        } else {
            addClass(ClassDesc.ofDescriptor(descriptor));
        }
    }

    private void addClass(ClassDesc type) {
        ClassDesc element = type;
        while (element.isArray()) {
            element = element.componentType();
        }
        if (!element.isPrimitive()) {
            String descriptor = element.descriptorString();
            classes.add(descriptor.substring(1, descriptor.length() - 1).replace('/', '.'));
        }
    }

    private void scanCode(String method, CodeModel code) {
        int line = 0;
        for (CodeElement element : code) {
            switch (element) {
                case LineNumber number -> line = number.line();
                case InvokeInstruction call -> addMember(call.method(), method, line);
                case FieldInstruction access -> addMember(access.field(), method, line);
                case InvokeDynamicInstruction dynamic -> addLambda(dynamic, method, line);
                default -> { }
            }
        }
    }

    private void addMember(MemberRefEntry member, String method, int line) {
        String owner = member.owner().asInternalName().replace('/', '.');
        if (!owner.startsWith("[")) {
            members.add(new MemberUse(owner, member.name().stringValue(), method, line));
        }
    }

    private void addLambda(InvokeDynamicInstruction dynamic, String method, int line) {
        dynamic.bootstrapArgs().stream().filter(DirectMethodHandleDesc.class::isInstance).map(DirectMethodHandleDesc.class::cast).forEach(handle -> {
            String descriptor = handle.owner().descriptorString();
            String owner = descriptor.substring(1, descriptor.length() - 1).replace('/', '.');
            lambdas.add(new LambdaUse(method, dynamic.name().stringValue(), owner, handle.methodName(), line));
            members.add(new MemberUse(owner, handle.methodName(), method, line));
        });
    }

    /** Names of the class's own lambda bodies, with the lambda that each belongs to. */
    Map<String, LambdaUse> lambdaBodies() {
        Map<String, LambdaUse> bodies = new LinkedHashMap<>();
        for (LambdaUse use : lambdas) {
            if (use.owner().equals(name) && use.implementation().startsWith("lambda$")) {
                bodies.put(use.implementation(), use);
            }
        }
        return bodies;
    }
}
