package dev.crema.build.lanes.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crema.build.Golden;
import dev.crema.build.lanes.Snippet;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Printer;
import dev.crema.build.lanes.read.ProgramReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The text of a function before and after each pass. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PassesTest {
    private static final String METHODS = """
        static final int SIZE = 18;
        @Kernel static int params(int n, int k) {
            int sum = 0;
            int same = k;
            for (int i = 0; i < n; i++) { sum += same; }
            return sum;
        }
        @Kernel static int fold(int a, int b) {
            int x = ((a + 4 + b) << 2) - 3 * SIZE + b * 0;
            return !(x > 7) ? x + (int) (a + 5L) : 2 + 3;
        }
        @Kernel static void foldSplats(int a) {
            I8x16 x = I32x4.loadSplat(a).asI8x16();
            x.toI16Low().add(x.toI16High()).add(I16x8.loadSplat(a + 4).asI8x16().toI16High()).add(I8x16.load(a).toI16High()).store(a);
        }
        @Kernel static float foldFloats(float a) {
            return (float) Math.sqrt(a) + (float) Math.floor(2f * 3f) + F32x4.splat(1.5f).extractLane(0);
        }
        @Kernel static int flow(int a, int b) {
            int small = a < b ? a + 1 : b;
            boolean both = a > 1 && b > 2;
            if (both) { Memory.storeI32(a, small); }
            return both ? 3 : 4;
        }
        @Kernel static void common(int a, int b) {
            Memory.storeI32(a + b, a * b);
            if (a * b > 3) { Memory.storeI32(b + 4, a * b); }
            Memory.storeI32(a + b, Memory.loadI32(b) + Memory.loadI32(b));
        }
        @Kernel static void hoist(int a, int n, float f) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    F32x4.load(a + j).mul(F32x4.splat(f * 2)).add(F32x4.splat(i)).store(a + n * 4 + i / n);
                }
            }
        }
        @Kernel static int dead(int a, int n) {
            int unused = Memory.loadI32(a);
            int never = 0;
            for (int i = 0; i < n; i++) { never += i; }
            return Memory.atomicAdd(a, 1) > 0 ? n : a;
        }
        @Kernel static int inline(int a) { return clamp(a) + clamp(a + 1); }
        static int clamp(int x) {
            if (x < 0) { return 0; }
            return x > 255 ? 255 : x;
        }
        @Kernel static void lower(int a, long b) {
            I8x16 x = I8x16.load(b);
            I8x16 seven = x.lookup(U8x16.load(a)).and(I8x16.splat(127));
            I32x4 four = x.dot7(seven, I32x4.zero());
            x.shrU(4).or(x.shl(9)).or(x.shrU(a)).store(a);
            x.dot7Any(seven, four).toF32().fma(F32x4.splat(2), F32x4.load(b + 16)).store(b);
        }
        @Kernel static float narrow(long a, int n) {
            float sum = 0;
            long whole = a;
            long p = a + 4L * n;
            for (int i = 0; i < n; i++) {
                sum += Memory.loadF32(p + 8) + Memory.loadF32((n > 3 ? p : a) + (long) i * SIZE);
                p += 34;
                whole += p;
            }
            return whole > 5 ? sum : 0;
        }
        @Kernel static float narrowAddress(int a, int n) {
            float sum = 0;
            long p = (a & 0xffffffffL) << 6;
            for (int i = 0; i < n; i++) {
                sum += Memory.loadF32(p + 8) + Memory.loadF32((n > 3 ? p : a) + (long) i * SIZE);
                p += 34;
            }
            return sum;
        }
        @Kernel static void offsets(int a, int n) {
            for (int i = 0; i < n; i++) {
                int at = a + i * SIZE;
                float d = Memory.loadF16(at);
                F32x4.load(at + 18).add(F32x4.load(at + 2)).store(at + 34);
                Memory.storeF32(at + 70000, d);
                Memory.storeF32(at - 4, d);
            }
        }
        @Kernel static float offsetsUnknown(int a, int n) {
            float sum = Memory.loadF32(a + 8) + Memory.loadF32(a + 12);
            if (n > 0) { sum += Memory.loadF32(a) + Memory.loadF32(n + 4); } else { sum += Memory.loadF32(n + 16); }
            return sum + Memory.loadF32(a + 4) + Memory.loadF32(n + 20);
        }
        """;

    @TempDir
    static Path folder;

    private final Map<String, Function> functions = new HashMap<>();

    @BeforeAll
    void compile() throws IOException {
        for (Function function : ProgramReader.read(Snippet.compile(folder, METHODS).folders(), List.of("test.T"))) {
            functions.put(function.key().replaceAll("^.*/T\\.|\\(.*", ""), function);
        }
    }

    private void check(String name, UnaryOperator<Function> before, UnaryOperator<Function> pass) throws IOException {
        Function start = before.apply(functions.get(name));
        String text = Printer.print(start);
        Function end = pass.apply(start);
        assertEquals(text, Printer.print(start), "a pass must leave its input as it is");
        Golden.assertMatches("lanes-" + name + ".txt", text + "\n---- after\n\n" + Printer.print(end));
    }

    private static Function simple(Function function) {
        return Passes.simplify(function);
    }

    @Test
    void params() throws IOException {
        check("params", UnaryOperator.identity(), Params::run);
    }

    @Test
    void fold() throws IOException {
        check("fold", Params::run, Fold::apply);
        check("foldFloats", Params::run, Fold::apply);
        check("foldSplats", Params::run, Fold::apply);
    }

    @Test
    void flow() throws IOException {
        check("flow", Params::run, Flow::run);
    }

    @Test
    void common() throws IOException {
        check("common", (Function f) -> Flow.run(Params.run(f)), Common::apply);
    }

    @Test
    void hoist() throws IOException {
        check("hoist", (Function f) -> Dead.run(Flow.run(Common.apply(Params.run(f)))), Hoist::run);
    }

    @Test
    void dead() throws IOException {
        check("dead", Params::run, Dead::run);
    }

    @Test
    void inline() throws IOException {
        check("inline", Params::run, (Function f) -> Inline.run(f, Map.of("test/T.clamp(I)I", Params.run(functions.get("clamp"))), (Function callee) -> true));
    }

    @Test
    void lower() throws IOException {
        check("lower", PassesTest::simple, (Function f) -> Lower.apply(f, true, false));
        Golden.assertMatches("lanes-lower-plain.txt", Printer.print(Lower.apply(simple(functions.get("lower")), false, true)));
    }

    /** What is used as a whole stays 64 bits wide. */
    @Test
    void narrow() throws IOException {
        UnaryOperator<Function> lowered = (Function f) -> Lower.apply(simple(f), true, false);
        UnaryOperator<Function> narrowed = (Function f) -> Dead.run(Common.apply(Fold.apply(Narrow.run(f))));
        check("narrow", lowered, narrowed);
        check("narrowAddress", lowered, narrowed);
    }

    @Test
    void offsets() throws IOException {
        UnaryOperator<Function> inlined = (Function f) -> simple(Inline.run(f, functions.values().stream()
            .collect(Collectors.toMap(Function::key, (Function f2) -> f2)), (Function callee) -> true));
        check("offsets", inlined, Offsets::apply);
        check("offsetsUnknown", PassesTest::simple, Offsets::apply);
    }

    /** A pass has nothing to do on what it has done. */
    @Test
    void idempotent() {
        for (Function function : functions.values()) {
            Function once = simple(function);
            for (UnaryOperator<Function> pass : List.<UnaryOperator<Function>>of(Params::run, Fold::apply, Common::apply, Dead::run, Flow::run, Hoist::run)) {
                assertEquals(Printer.print(once), Printer.print(pass.apply(once)));
            }
        }
    }
}
