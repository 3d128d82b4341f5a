package dev.crema.lanes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.build.lanes.LanesCompiler;
import dev.crema.build.lanes.Target;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.MethodRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
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

    private static void check(Class<?> kernels, Target target, long seed) throws Exception {
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
                Object result = method.invoke(null, args);
                expected.add(Long.toString(Double.doubleToLongBits(result instanceof Number number ? number.doubleValue() : 0)));
                String name = kernels.getSimpleName();
                calls.add(new WasmRun.Call(Character.toLowerCase(name.charAt(0)) + name.substring(1) + "_" + method.getName(), List.of(args)));
            }
        }
        assertTrue(calls.size() >= 5 * ROUNDS);
        byte[] module = LanesCompiler.read(FOLDERS, List.of(kernels.getName())).module(target);
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
