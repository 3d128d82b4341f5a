package dev.crema.build.shaders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crema.build.BuildProblem;
import dev.crema.build.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each fault that the goal finds, with the words it finds for it. */
class ShaderErrorsTest {
    private static final String HEADER = "//! x   f32 [n]\n//! grid   (n, 1, 1)\n";
    private static final String X = "@group(0) @binding(0) var<storage, read_write> x: array<f32>;\n";
    private static final String MAIN = "@compute @workgroup_size(1)\nfn main() { x[0] = 1.0; }\n";

    @TempDir
    Path folder;

    private final StringBuilder report = new StringBuilder();
    private int cases;

    @Test
    void everyFaultIsNamedWithItsPlaceAndCure() throws IOException {
        fault("binding without description", Map.of("a.wgsl", "//! grid (1, 1, 1)\n" + X + MAIN));
        fault("description without binding", Map.of("a.wgsl", "//! y   f32 [n]\n" + HEADER + X + MAIN));
        fault("described twice", Map.of("a.wgsl", "//! x   f32 [n]\n" + HEADER + X + MAIN));
        fault("gap in the numbers", Map.of("a.wgsl", HEADER + X.replace("(0) var", "(1) var") + MAIN));
        fault("same number twice", Map.of("a.wgsl", "//! y   f32 [n]\n" + HEADER + X + X.replace("x:", "y:") + MAIN));
        fault("other group", Map.of("a.wgsl", HEADER + X.replace("@group(0)", "@group(1)") + MAIN));
        fault("binding in an order not understood", Map.of("a.wgsl", HEADER + "@binding(0) @group(0) var<storage, read_write> x: array<f32>;\n" + MAIN));
        fault("number that is not a literal", Map.of("a.wgsl", HEADER + X.replace("(0) var", "(N) var") + MAIN));
        fault("no grid", Map.of("a.wgsl", "//! x   f32 [n]\n" + X + MAIN));
        fault("grid of a part", Map.of("a.wgsl", "//! grid (1, 1, 1)\nfn f() {}\n"));
        fault("entry point of another name", Map.of("a.wgsl", HEADER + X + MAIN.replace("main", "run")));
        fault("two entry points", Map.of("a.wgsl", HEADER + X + MAIN + MAIN.replace("main", "main2")));
        fault("unknown part", Map.of("a.wgsl", HEADER + "//! use sum\n" + X + MAIN));
        fault("used kernel", Map.of("a.wgsl", HEADER + "//! use b\n" + X + MAIN, "b.wgsl", HEADER + X + MAIN));
        fault("circle", Map.of("a.wgsl", HEADER + "//! use b\n" + X + MAIN, "b.wgsl", "//! use c\nfn b() {}\n", "c.wgsl", "//! use b\nfn c() {}\n"));
        fault("unknown feature", Map.of("a.wgsl", HEADER + "//! requires shader-f16\n" + X + MAIN));
        fault("directive in the source", Map.of("a.wgsl", "enable f16;\n" + HEADER + X + MAIN));
        fault("outside of the subset", Map.of("a.wgsl", HEADER + X + """
            var<workgroup> count: atomic<u32>;
            fn add(total: ptr<workgroup, u32>) { let t = &count; atomicAdd(t, 1u); }
            fn turn(m: mat4x4<f32>) -> f32 { return modf(m[0].x).fract; }
            """ + MAIN));
        fault("more storage buffers than every adapter has", Map.of("a.wgsl", manyBindings(9) + MAIN.replace("x[0]", "x0[0]")));
        fault("symbol twice in one file", Map.of("a.wgsl", HEADER + X + "const N = 1;\nfn N() {}\n" + MAIN));
        fault("symbol twice after linking", Map.of("a.wgsl", HEADER + "//! use b\n" + X + "fn twice() {}\n" + MAIN, "b.wgsl", "\nfn twice() {}\n"));
        fault("binding of one slot choice only", Map.of("a.wgsl", HEADER + "//! use w\n" + X + MAIN,
            "w.f32.wgsl", "fn w() {}\n", "w.f16.wgsl", "//! w   u32 [n]\n@group(0) @binding(0) var<storage, read> w: array<u32>;\n"));
        fault("used twice", Map.of("a.wgsl", HEADER + "//! use b b\n" + X + MAIN, "b.wgsl", "fn b() {}\n"));
        fault("name of the file", Map.of("Bad-Name.wgsl", "fn b() {}\n"));
        fault("same name in two folders", Map.of("p/b.wgsl", "fn b() {}\n", "q/b.wgsl", "fn b() {}\n"));
        Golden.assertMatches("shader-errors.txt", report.toString());
    }

    private static String manyBindings(int count) {
        StringBuilder header = new StringBuilder("//! grid   (1, 1, 1)\n");
        StringBuilder bindings = new StringBuilder();
        for (int i = 0; i < count; i++) {
            header.append("//! x").append(i).append("   f32 [n]\n");
            bindings.append(X.replace("(0) var", "(" + i + ") var").replace("x:", "x" + i + ":"));
        }
        return header.append(bindings).toString();
    }

    @Test
    void whatOnlyLooksLikeItIsInTheSubset() throws IOException {
        // Linked twice: with subgroups and without.
        assertEquals(2, read(Map.of("a.wgsl", HEADER + X + """
            // No atomic, no mat4x4<f32> but in words.
            struct Left { aliased: u32, textured: f32 }
            fn keep(left: ptr<function, Left>, both: bool) -> bool { return both && (*left).aliased == arrayLength(&x); }
            """ + MAIN)).links());
    }

    @Test
    void freeTextAndCommentsAreNotMistakenForDeclarations() throws IOException {
        ShaderSources.Result result = read(Map.of("a.wgsl", """
            //! x = the first of all (see y [1] of the paper), a text that begins with a binding's name.
            //! x    f32 [n], scratch
            //! grid ceil(n / 64)
            /* @group(0) @binding(7) var<storage, read> old: array<f32>; /* nested */ fn main() {} */
            @group(0) @binding(0)
            var<storage, read_write> x: array<f32>; // fn x() {}
            fn helper() { var x2 = 1; if (x2 > 0) { let main = 2; } }
            @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) { x[id.x] = 0.0; }
            """));
        assertEquals(1, result.shaders().getFirst().bindings().size());
        assertEquals("array<f32>", result.shaders().getFirst().bindings().getFirst().type());
    }

    private void fault(String name, Map<String, String> files) throws IOException {
        BuildProblem problem = assertThrows(BuildProblem.class, () -> read(files), name);
        report.append("# ").append(name).append('\n').append(problem.getMessage().lines().skip(1)
            .collect(java.util.stream.Collectors.joining("\n"))).append("\n\n");
    }

    private ShaderSources.Result read(Map<String, String> files) throws IOException {
        Path root = folder.resolve("case" + cases++);
        for (Map.Entry<String, String> file : new LinkedHashMap<>(files).entrySet()) {
            Path path = root.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        return ShaderSources.read(root, "wgsl");
    }
}
