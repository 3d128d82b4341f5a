package dev.crema.shaders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LinkerTest {
    private static final List<Shader> SHADERS = List.of(
        kernel("dot", "", List.of("sum", "weight"), List.of(), new Binding(0, "out", "read_write", "array<f32>")),
        kernel("dot", "half", List.of("weight"), List.of("f16")),
        part("sum", "", List.of("lanes"), List.of()),
        part("sum", "subgroups", List.of("lanes"), List.of("subgroups")),
        part("lanes", "", List.of(), List.of()),
        part("weight", "f32", List.of("lanes"), List.of(), new Binding(1, "weight", "read", "array<f32>")),
        part("weight", "q8_0", List.of(), List.of(), new Binding(1, "weight", "read", "array<u32>")));

    private final Linker linker = new Linker(SHADERS);

    @Test
    void partsComeOnceAndBeforeTheirUsers() {
        assertEquals("lanes;sum;weight.f32;dot;", linker.link("dot", "", Map.of("weight", "f32"), Set.of()));
        assertEquals("lanes;sum;weight.q8_0;dot;", linker.link("dot", "", Map.of("weight", "q8_0", "other", "x"), Set.of("f16")));
    }

    @Test
    void subgroupsAreTakenWhereTheyAre() {
        LinkedShader linked = linker.linked("dot", "", Map.of("weight", "f32"), Set.of("subgroups"));
        assertEquals("enable subgroups;\nlanes;sum.subgroups;weight.f32;dot;", linked.source());
        assertEquals(List.of("subgroups"), linked.requires());
        assertEquals(List.of("out", "weight"), linked.bindings().stream().map(Binding::name).toList());
    }

    @Test
    void refusalsSayWhatThereIs() {
        assertMessage("slot 'weight' is not chosen; variants of weight: f32, q8_0", () -> linker.link("dot", "", Map.of(), Set.of()));
        assertMessage("there is no weight.q3; variants of weight: f32, q8_0", () -> linker.link("dot", "", Map.of("weight", "q3"), Set.of()));
        assertMessage("there is no kernel dot.big; variants of dot: (plain), half", () -> linker.link("dot", "big", Map.of(), Set.of()));
        assertMessage("there is no kernel sum; variants of sum: (plain), subgroups", () -> linker.link("sum", "", Map.of(), Set.of()));
        assertMessage("dot.half needs 'f16' for dot.half, and the adapter has not got it; choose another variant",
            () -> linker.link("dot", "half", Map.of("weight", "f32"), Set.of("subgroups")));
    }

    @Test
    void aVariantAppliesWhereItsPartsAndFeaturesAre() {
        assertTrue(linker.canLink("dot", "half", Map.of("weight", "f32"), Set.of("f16")));
        assertFalse(linker.canLink("dot", "half", Map.of("weight", "f32"), Set.of("subgroups")));
        assertFalse(linker.canLink("dot", "", Map.of("weight", "q3"), Set.of()));
    }

    @Test
    void aCircleIsNamed() {
        Linker circular = new Linker(List.of(kernel("k", "", List.of("a"), List.of()), part("a", "", List.of("b"), List.of()),
            part("b", "", List.of("a"), List.of())));
        assertMessage("parts use each other in a circle: a -> b -> a; move what both need to a part of its own",
            () -> circular.link("k", "", Map.of(), Set.of()));
    }

    @Test
    void linkedModulesAreAsReviewed() throws IOException {
        Linker real = new Linker(Shaders.all());
        assertGolden("add.wgsl", real.link("add", "", Map.of(), Set.of()));
        assertGolden("mat_vec.q8_0.wgsl", real.link("mat_vec", "",
            Map.of("team", "workgroup", "input", "vec4", "weight", "q8_0", "norm", "rms", "rows", "eight"), Set.of()));
        assertGolden("mat_mul.f16.wgsl", real.link("mat_mul", "", Map.of("input", "vec4", "weight", "f16"), Set.of()));
        assertGolden("mat_mul.int8.q4_0.wgsl", real.link("mat_mul", "int8", Map.of("ints", "q4_0"), Set.of("packed_4x8_integer_dot_product")));
        assertGolden("attention_serial.q4_0.wgsl", real.link("attention_serial", "", Map.of("kv", "q4_0", "query", "plain"), Set.of()));
    }

    /** Rewritten with -Dgolden=update. */
    private static void assertGolden(String name, String actual) throws IOException {
        Path file = Path.of("src/test/resources/goldens", name);
        if ("update".equals(System.getProperty("golden"))) {
            Files.writeString(file, actual);
        }
        assertEquals(Files.readString(file), actual, file.toString());
    }

    private static void assertMessage(String message, Runnable action) {
        assertEquals(message, assertThrows(LinkException.class, action::run).getMessage());
    }

    private static Shader kernel(String name, String variant, List<String> uses, List<String> requires, Binding... bindings) {
        return shader(name, variant, true, uses, requires, bindings);
    }

    private static Shader part(String name, String variant, List<String> uses, List<String> requires, Binding... bindings) {
        return shader(name, variant, false, uses, requires, bindings);
    }

    private static Shader shader(String name, String variant, boolean kernel, List<String> uses, List<String> requires, Binding... bindings) {
        Shader shader = new Shader(name, variant, kernel, "", uses, requires, List.of(bindings));
        return new Shader(name, variant, kernel, shader.fullName() + ";", uses, requires, List.of(bindings));
    }
}
