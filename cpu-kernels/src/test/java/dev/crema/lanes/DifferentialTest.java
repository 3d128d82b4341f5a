package dev.crema.lanes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.build.lanes.LanesCompiler;
import dev.crema.build.lanes.Target;
import java.io.ByteArrayOutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.MethodRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same methods on the JVM and as Wasm leave the same bytes and return the same numbers. */
class DifferentialTest {
    private static final List<Path> FOLDERS = List.of(Path.of("target/test-classes"), Path.of("target/classes"));
    private static final int ROUNDS = 12;

    static List<Target> targets() {
        return Target.all();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void flow(Target target) throws Exception {
        check(FlowKernels.class, target, 7);
    }

    @ParameterizedTest
    @MethodSource("targets")
    void lanes(Target target) throws Exception {
        check(LaneKernels.class, target, 3);
    }

    /** A new operation must be added to the kernels here. */
    @Test
    void everyOperationIsTested() throws Exception {
        Set<String> called = new HashSet<>();
        for (String name : List.of("LaneKernels", "FlowKernels", "F32x4", "I32x4", "Memory")) {
            Path file = Path.of(name.endsWith("Kernels") ? "target/test-classes" : "target/classes", "dev/crema/lanes", name + ".class");
            for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
                if (entry instanceof MethodRefEntry method) {
                    called.add(method.owner().asInternalName() + "." + method.name().stringValue() + method.type().stringValue());
                }
            }
        }
        List<String> missing = new ArrayList<>();
        for (Class<?> type : List.of(F32x4.class, I32x4.class, I16x8.class, I8x16.class, U8x16.class)) {
            for (Method method : type.getDeclaredMethods()) {
                String use = type.getName().replace('.', '/') + "." + method.getName() + MethodType.methodType(method.getReturnType(), method.getParameterTypes()).descriptorString();
                if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic() && !method.getName().equals("toString") && !called.contains(use)) {
                    missing.add(use);
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @ParameterizedTest
    @MethodSource("targets")
    void traps(Target target) throws Exception {
        byte[] module = LanesCompiler.read(FOLDERS, List.of(TrapKernels.class.getName())).module(target);
        List<WasmRun.Call> calls = List.of(new WasmRun.Call("trapKernels_load", List.of(WasmRun.PAGE - 8)), new WasmRun.Call("trapKernels_load", List.of(WasmRun.PAGE - 7)),
            new WasmRun.Call("trapKernels_load", List.of(-4)), new WasmRun.Call("trapKernels_divide", List.of(1, 0)),
            new WasmRun.Call("trapKernels_waiting", List.of(64, 6, -1L)), new WasmRun.Call("trapKernels_waiting", List.of(64, 5, 1000L)));
        List<String> results = WasmRun.run(module, target, new byte[WasmRun.PAGE], calls).results();
        assertEquals("0", results.getFirst());
        assertEquals("RuntimeError: memory access out of bounds", results.get(1));
        assertEquals("RuntimeError: memory access out of bounds", results.get(2));
        assertEquals("RuntimeError: divide by zero", results.get(3));
        if (target.memory().shared()) {
            assertEquals(List.of(Double.doubleToLongBits(1) + "", Double.doubleToLongBits(2) + ""), results.subList(4, 6));
        } else {
            assertTrue(results.get(4).startsWith("RuntimeError: "), results.get(4));
        }
    }

    /** Programs of all statements that kernels may have; {@code -Drandom.programs=1:1000} runs those of other seeds. */
    @Test
    void randomPrograms(@TempDir Path folder) throws Exception {
        String[] range = System.getProperty("random.programs", "1:4").split(":");
        for (long seed = Long.parseLong(range[0]); seed < Long.parseLong(range[1]); seed++) {
            String name = "Random" + seed;
            Path source = folder.resolve(name + ".java");
            Files.writeString(source, RandomProgram.source(name, seed, 20));
            ByteArrayOutputStream messages = new ByteArrayOutputStream();
            int status = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, "-proc:none", "-d", folder.toString(), "-cp", "target/classes",
                source.toString());
            assertEquals(0, status, messages.toString());
            try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
                check(loader.loadClass("dev.crema.lanes." + name), Target.all().get((int) (seed % 8)), seed, List.of(folder, FOLDERS.getLast()));
            }
        }
    }

    private static void check(Class<?> kernels, Target target, long seed) throws Exception {
        check(kernels, target, seed, FOLDERS);
    }

    private static void check(Class<?> kernels, Target target, long seed, List<Path> folders) throws Exception {
        Random random = new Random(seed);
        byte[] memory = new byte[WasmRun.PAGE];
        random.nextBytes(memory);
        long[] words = new long[memory.length / 8];
        MemorySegment jvm = MemorySegment.ofArray(words);
        MemorySegment.copy(memory, 0, jvm, ValueLayout.JAVA_BYTE, 0, memory.length);
        Memory.use(jvm);
        List<WasmRun.Call> calls = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (Method method : Arrays.stream(kernels.getDeclaredMethods()).sorted(Comparator.comparing(Method::getName)).toList()) {
            if (!method.isAnnotationPresent(Kernel.class)) {
                continue;
            }
            for (int round = 0; round < ROUNDS; round++) {
                Object[] args = Arrays.stream(method.getParameterTypes()).map((Class<?> type) -> argument(type, random)).toArray();
                method.setAccessible(true);
                Object result = method.invoke(null, args);
                expected.add(Long.toString(Double.doubleToLongBits(result instanceof Number number ? number.doubleValue() : 0)));
                String name = kernels.getSimpleName();
                calls.add(new WasmRun.Call(Character.toLowerCase(name.charAt(0)) + name.substring(1) + "_" + method.getName(), List.of(args)));
            }
        }
        assertTrue(calls.size() >= 5 * ROUNDS);
        byte[] module = LanesCompiler.read(folders, List.of(kernels.getName())).module(target);
        WasmRun.Result result = WasmRun.run(module, target, memory, calls);
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), result.results().get(i), calls.get(i) + " of " + target.fileName() + ", seed " + seed);
        }
        assertArrayEquals(jvm.toArray(ValueLayout.JAVA_BYTE), result.memory(), target.fileName() + ", seed " + seed);
    }

    /** Numbers of all sizes, and often the special ones. */
    private static Object argument(Class<?> type, Random random) {
        int choice = random.nextInt(6);
        int small = random.nextInt(-20, 20);
        int any = random.nextInt() >> random.nextInt(32);
        if (type == int.class) {
            return choice == 0 ? Integer.MIN_VALUE : choice == 1 ? -1 : choice < 4 ? small : any;
        }
        if (type == long.class) {
            return choice == 0 ? Long.MIN_VALUE : choice < 3 ? small : random.nextLong() >> random.nextInt(64);
        }
        double value = switch (choice) {
            case 0 -> Double.NaN;
            case 1 -> small;
            case 2 -> -0.0;
            case 3 -> Double.NEGATIVE_INFINITY * small;
            default -> Math.scalb(random.nextGaussian(), random.nextInt(-20, 20));
        };
        if (type == float.class) {
            return (float) value;
        }
        return value;
    }
}
