package dev.crema.build.libraries;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/** Gives classes that are older than Java 6 the version of Java 7 and the stack maps that it asks for; all else stays as it is. */
final class OldClasses {
    /** The JVM's archives take classes from here on. */
    private static final int LEAST_VERSION = ClassFile.JAVA_6_VERSION;
    /** The first whose classes are verified by their stack maps alone. */
    static final int VERSION = ClassFile.JAVA_7_VERSION;
    private static final int MAGIC_BYTES = 8;

    private OldClasses() { }

    /** Rewrites a jar in its place; returns how many of its classes were old, and leaves the file alone where there are none. */
    static int rewrite(Path jar) throws IOException {
        var bytes = new ByteArrayOutputStream();
        int old = 0;
        try (var in = new JarFile(jar.toFile()); var loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
            var out = new JarOutputStream(bytes)) {
            for (JarEntry entry : Collections.list(in.entries())) {
                byte[] content = in.getInputStream(entry).readAllBytes();
                boolean isOld = entry.getName().endsWith(".class") && isOld(content);
                old += isOld ? 1 : 0;
                var copy = new JarEntry(entry.getName());
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                out.write(isOld ? renewed(content, loader) : content);
                out.closeEntry();
            }
        }
        if (old > 0) {
            Path whole = Files.write(jar.resolveSibling(jar.getFileName() + ".new"), bytes.toByteArray());
            Files.move(whole, jar, StandardCopyOption.REPLACE_EXISTING);
        }
        return old;
    }

    static boolean isOld(byte[] classFile) {
        return classFile.length > MAGIC_BYTES && ((classFile[6] & 255) << 8 | classFile[7] & 255) < LEAST_VERSION;
    }

    /** {@code loader} has the class files of what the class refers to. */
    static byte[] renewed(byte[] classFile, ClassLoader loader) {
        var resolver = ClassHierarchyResolver.ofResourceParsing(loader).orElse(ClassHierarchyResolver.defaultResolver());
        ClassFile format = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS, ClassFile.ClassHierarchyResolverOption.of(resolver));
        ClassModel model = format.parse(classFile);
        MethodTransform code = MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL);
        return format.build(model.thisClass().asSymbol(), builder -> {
            for (ClassElement element : model) {
                switch (element) {
                    case ClassFileVersion _ -> builder.withVersion(VERSION, 0);
                    case MethodModel method -> builder.transformMethod(method, code);
                    default -> builder.with(element);
                }
            }
        });
    }
}
