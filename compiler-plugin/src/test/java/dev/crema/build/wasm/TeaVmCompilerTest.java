package dev.crema.build.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.build.BuildProblem;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TeaVmCompilerTest {
    @TempDir
    Path folder;

    @Test
    void compilesAMainClass() throws IOException {
        Path wasm = compile("public class Main { public static void main(String[] args) { System.out.println(args.length); } }");
        WasmFile.check(wasm);
        assertTrue(Files.size(wasm.resolveSibling("t-runtime.js")) > 1000);
    }

    @Test
    void scriptsBecomeFunctionsOfTheRuntime() throws IOException {
        Path wasm = compile("""
            public class Main {
                @org.teavm.jso.JSBody(params = {"a", "b"}, script = "var quoted = '\\"'; return quoted + a + b;")
                private static native String join(String a, String b);

                public static void main(String[] args) {
                    System.out.println(join("x", "y"));
                }
            }
            """);
        String runtime = Files.readString(wasm.resolveSibling("t-runtime.js"));
        assertTrue(runtime.contains("(wrapCallFromJavaToJs, a, b) {\n{var quoted="), runtime.substring(0, 2000));
    }

    @Test
    void aScriptThatDoesNotParseIsAnError() {
        BuildProblem problem = assertThrows(BuildProblem.class, () -> compile("""
            public class Main {
                @org.teavm.jso.JSBody(script = "return async () => ({ a: 1 };")
                private static native org.teavm.jso.JSObject broken();

                public static void main(String[] args) {
                    System.out.println(broken() == null);
                }
            }
            """));
        assertTrue(problem.getMessage().contains("Main.broken"), problem.getMessage());
        assertFalse(Files.exists(folder.resolve("work/t.wasm.stamp")));
    }

    @Test
    void aMissingMethodIsAnErrorWithTheWayToIt() {
        BuildProblem problem = assertThrows(BuildProblem.class, () -> compile("""
            public class Main {
                public static void main(String[] args) {
                    System.out.println(Math.fma(args.length, 2f, 3f));
                }
            }
            """));
        assertTrue(problem.getMessage().contains("fma") && problem.getMessage().contains("Main.main(Main.java:3)"), problem.getMessage());
    }

    @Test
    void theStampChangesWithAnyInput() throws IOException {
        Path classes = Files.createDirectories(folder.resolve("inputs"));
        Files.writeString(classes.resolve("A.class"), "one");
        Stamp before = Stamp.of("s", List.of(classes));
        assertEquals(before, Stamp.of("s", List.of(classes)));
        Files.writeString(classes.resolve("A.class"), "two");
        assertFalse(before.equals(Stamp.of("s", List.of(classes))));
        Files.writeString(classes.resolve("A.class"), "one");
        assertFalse(before.equals(Stamp.of("other", List.of(classes))));
        Files.move(classes.resolve("A.class"), classes.resolve("B.class"));
        assertFalse(before.equals(Stamp.of("s", List.of(classes))));
    }

    private Path compile(String source) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path file = Files.writeString(folder.resolve("Main.java"), source);
        String classPath = System.getProperty("java.class.path");
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "21", "-g", "-cp", classPath, "-d",
            classes.toString(), file.toString());
        assertEquals(0, result, "javac");
        List<Path> paths = new java.util.ArrayList<>(List.of(classes));
        Arrays.stream(classPath.split(File.pathSeparator)).filter(path -> path.contains("teavm")).map(Path::of).forEach(paths::add);
        return new TeaVmCompiler(new TeaVmCompiler.Settings("Main", "t", false, true), text -> { }).compile(paths, folder.resolve("work"));
    }
}
