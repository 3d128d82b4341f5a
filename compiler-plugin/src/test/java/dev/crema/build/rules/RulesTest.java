package dev.crema.build.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crema.build.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each rule against a class that breaks it, with the words it finds. */
class RulesTest {
    private static final String PUMP = """
        package dev.crema.graph;
        import java.util.function.IntSupplier;
        public class Pump {
            interface Waiter { int awaitIt(); }
            int awaitOne() { return 1; }
            int awaitTwo() { return awaitOne() + 1; }
            int next() { return awaitOne(); }
            IntSupplier inLambda() { return () -> awaitOne(); }
            IntSupplier asReference() { return this::awaitOne; }
            Waiter named() { return () -> awaitOne() + 2; }
            Waiter namedReference() { return this::awaitOne; }
            IntSupplier listed() { return () -> awaitOne(); }
            void quiet() { }
        }
        """;

    @TempDir
    Path folder;

    @Test
    void foreignApi() throws IOException {
        List<ClassUses> classes = compile("dev/crema/graph/Node.java", """
            package dev.crema.graph;
            import java.util.List;
            public class Node {
                java.util.concurrent.Future<String> field;
                String text(List<String> list) { return String.format("%s", list.size()); }
                long now() { return System.nanoTime(); }
                Runnable lambda() { return () -> System.exit(1); }
                String sum(int a) { return "a" + a; }
            }
            """);
        List<String> problems = new ArrayList<>();
        new AllowedApi(List.of("java.lang.*", "java.util.*", "!java.lang.String#format", "!java.lang.System", "java.lang.System#nanoTime in dev.crema.graph.Node",
            "java.lang.invoke.*"), "engine-api.txt").check(classes, problems);
        Golden.assertMatches("rules-api.txt", String.join("\n", problems) + "\n");
    }

    @Test
    void arrows() throws IOException {
        List<ClassUses> classes = compile("dev/crema/graph/Node.java", "package dev.crema.graph;\npublic class Node { dev.crema.engine.Loop loop; }\n",
            "dev/crema/engine/Loop.java", "package dev.crema.engine;\npublic class Loop { dev.crema.graph.Node node; }\n",
            "dev/crema/stray/Cat.java", "package dev.crema.stray;\npublic class Cat { }\n");
        List<String> problems = new ArrayList<>();
        Arrows arrows = new Arrows(List.of("graph ->", "engine -> graph", "module engine only ->", "module runtime-jvm -> engine"));
        arrows.checkPackages(classes, problems);
        arrows.checkModule("engine", List.of("com.example:json"), problems);
        arrows.checkModule("runtime-jvm", List.of("com.example:json", "dev.crema:engine", "dev.crema:dev-server"), problems);
        arrows.checkModule("extra", List.of(), problems);
        Golden.assertMatches("rules-arrows.txt", String.join("\n", problems) + "\n");
    }

    @Test
    void suspending() throws IOException {
        List<String> problems = new ArrayList<>();
        new Suspending(List.of("dev.crema.graph.Pump#listed", "dev.crema.graph.Pump#quiet", "dev.crema.other.Elsewhere#run"))
            .check(compile("dev/crema/graph/Pump.java", PUMP), problems);
        Golden.assertMatches("rules-suspending.txt", String.join("\n", problems) + "\n");
    }

    @Test
    void sizes() throws IOException {
        Files.writeString(folder.resolve("Long.java"), "//\n".repeat(FileSizes.MOST_LINES + 1));
        Files.writeString(folder.resolve("Just.java"), "//\n".repeat(FileSizes.MOST_LINES));
        Files.writeString(folder.resolve("vectors.json"), "\n".repeat(FileSizes.MOST_LINES + 1));
        List<String> problems = new ArrayList<>();
        FileSizes.check(folder, "engine/src", problems);
        assertEquals(List.of("engine/src/Long.java has 451 lines, at most 450 are allowed: split it by what it does"), problems);
    }

    @Test
    void commentsInRuleFiles() throws IOException {
        Path file = Files.writeString(folder.resolve("rules.txt"), "# all\n\ndev.crema.Foo#bar  # because\n");
        assertEquals(List.of("dev.crema.Foo#bar"), RuleFile.lines(file));
    }

    /** @param namesAndSources a path, then its source, and so on */
    private List<ClassUses> compile(String... namesAndSources) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--release", "21", "-g", "-d", folder.resolve("classes").toString()));
        for (int i = 0; i < namesAndSources.length; i += 2) {
            Path file = folder.resolve(namesAndSources[i]);
            Files.createDirectories(file.getParent());
            arguments.add(Files.writeString(file, namesAndSources[i + 1]).toString());
        }
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)), "javac");
        return ClassUses.readAll(folder.resolve("classes"));
    }
}
