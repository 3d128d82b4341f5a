package dev.crema.build.libraries;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OldClassesTest {
    @TempDir
    private Path folder;

    /** {@code static int larger(int a, int b)} with a branch, which needs a stack map from Java 7 on. */
    private static byte[] oldClass() {
        ClassFile format = ClassFile.of(ClassFile.StackMapsOption.DROP_STACK_MAPS);
        return format.build(ClassDesc.of("old.Larger"), builder -> builder.withVersion(ClassFile.JAVA_5_VERSION, 0)
            .withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_SUPER)
            .withMethodBody("larger", MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int), ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                code -> {
                    var second = code.newLabel();
                    code.iload(0).iload(1).if_icmplt(second).iload(0).ireturn().labelBinding(second).iload(1).ireturn();
                }));
    }

    private Path jar(byte[] classFile) throws IOException {
        Path jar = folder.resolve("old.jar");
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("old/Larger.class"));
            out.write(classFile);
            out.putNextEntry(new JarEntry("old/words.properties"));
            out.write("a=b".getBytes());
        }
        return jar;
    }

    @Test
    void oldClassesGetStackMapsAndDoTheSame() throws Exception {
        Path jar = jar(oldClass());
        assertEquals(1, OldClasses.rewrite(jar));
        try (var in = new JarFile(jar.toFile()); var loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
            byte[] renewed = in.getInputStream(in.getEntry("old/Larger.class")).readAllBytes();
            // Such a class is verified by its stack maps alone: without them it would not load.
            assertEquals(OldClasses.VERSION, ClassFile.of().parse(renewed).majorVersion());
            assertEquals(0, ClassFile.of().verify(renewed).size());
            assertEquals(7, loader.loadClass("old.Larger").getMethod("larger", int.class, int.class).invoke(null, 3, 7));
            assertArrayEquals("a=b".getBytes(), in.getInputStream(in.getEntry("old/words.properties")).readAllBytes());
        }
    }

    @Test
    void whatIsRenewedStays() throws IOException {
        Path jar = jar(OldClasses.renewed(oldClass(), getClass().getClassLoader()));
        byte[] before = Files.readAllBytes(jar);
        assertEquals(0, OldClasses.rewrite(jar));
        assertArrayEquals(before, Files.readAllBytes(jar));
    }
}
