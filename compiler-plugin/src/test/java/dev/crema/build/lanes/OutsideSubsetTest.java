package dev.crema.build.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crema.build.BuildProblem;
import dev.crema.build.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What kernels may not do is refused with class, method and line. */
class OutsideSubsetTest {
    private static final String METHODS = """
        static int field = 3;
        static final int[] TABLE = {1, 2};
        @Kernel static int array(int a) { return new int[a].length; }
        @Kernel static int table(int a) { return TABLE[a]; }
        @Kernel static int state(int a) {
            int b = a + 1;
            return b + field;
        }
        @Kernel static void write(int a) { field = a; }
        @Kernel static int object(int a) { return new StringBuilder().append(a).length(); }
        @Kernel static void exception(int a) { if (a < 0) { throw new IllegalArgumentException(); } }
        @Kernel static int caught(int a) { try { return a / 0; } catch (ArithmeticException e) { return 1; } }
        @Kernel static String text(int a) { return null; }
        @Kernel static float math(float a) { return (float) Math.exp(a); }
        @Kernel static float remainder(float a) { return a % 2; }
        @Kernel static int lane(int a, int b) { return I32x4.load(a).extractLane(b); }
        @Kernel static int wrongLane(int a) { return I32x4.load(a).extractLane(4); }
        @Kernel static F32x4 vector(int a) { return F32x4.load(a); }
        @Kernel int instance(int a) { return a; }
        @Kernel static int lambda(int a) { java.util.function.IntSupplier s = () -> a; return s.getAsInt(); }
        @Kernel static int nothing(int a) { F32x4 x = null; if (a > 1) { x = F32x4.zero(); } return (int) x.sum(); }
        @Kernel static int helper(int a) { return help(a); }
        static int help(int a) { return Integer.parseInt("1") + a; }
        @Kernel static int same(int a) { return a; }
        @Kernel static int same(long a) { return 1; }
        @Kernel static void print(int a) { System.out.println(a); }
        @Kernel static boolean equal(int a) { return F32x4.load(a) == F32x4.load(a); }
        @Kernel static int string(int a) { return F32x4.load(a).toString().length(); }
        """;

    @TempDir
    Path folder;

    @Test
    void messages() throws IOException {
        Snippet snippet = Snippet.compile(folder, METHODS);
        BuildProblem problem = assertThrows(BuildProblem.class, () -> LanesCompiler.read(snippet.folders(), List.of("test.T")));
        Golden.assertMatches("lanes-outside.txt", problem.getMessage() + "\n");
    }

    @Test
    void unknownClass() {
        BuildProblem problem = assertThrows(BuildProblem.class, () -> LanesCompiler.read(List.of(folder), List.of("test.None")));
        assertEquals("lanes: no class file of test.None in [" + folder + "]", problem.getMessage());
    }
}
