package dev.crema.model;

import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.conformance.EncoderSpecs;
import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.FamilySpecs;
import dev.crema.graph.Graph;
import dev.crema.graph.pass.Fusion;
import dev.crema.json.Json;
import dev.crema.jvm.synth.SyntheticSpec;
import dev.crema.tensor.DType;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.Goldens;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.Shared;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.stream.Stream;

/** The graph of a model as text, plain and fused: a change of a family or of the fusion shows as a difference that a person reads. */
class GraphGoldenTest {
    private static void check(String name, ModelFiles files) {
        Checkpoint checkpoint = Checkpoints.awaitOpen(files);
        Json.Obj config = checkpoint.config();
        // A text of 27 layers tells no more than one of three.
        if (config.get("num_hidden_layers") instanceof Json.Num layers && layers.longValue() > 8) {
            config.put("num_hidden_layers", 3L);
        }
        Graph graph = Families.forward(new Config(config), new Weights(checkpoint.tensors()), 256);
        Goldens.assertGolden("graphs/" + name + ".txt", graph.toString());
        Goldens.assertGolden("graphs/" + name + ".fused.txt", Fusion.of(graph).toString());
    }

    @Test
    void cremaTiny() {
        check("crema-tiny", MemoryFiles.read(Goldens.path("..").resolve("../models/crema-tiny").normalize()));
    }

    @Test
    void tinyStories() {
        check("tinystories-656k", MemoryFiles.read(Shared.model("tinystories-656k")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-llama3", "tiny-qwen2", "tiny-qwen3"})
    void safetensors(String name) {
        check(name, new SyntheticCheckpoint(SyntheticSpecs.named(name)).huggingFace(DType.BF16));
    }

    @TestFactory
    Stream<DynamicTest> families() {
        return Stream.concat(FamilySpecs.all().stream(), EncoderSpecs.all().stream())
            .map(spec -> DynamicTest.dynamicTest(spec.name(), () -> check(spec.name(), new FamilyCheckpoint(spec).huggingFace())));
    }

    @Test
    void ggufWithFactorsAndBlocks() {
        check("tiny-llama3-q8_0", new SyntheticCheckpoint(SyntheticSpecs.named("tiny-llama3")).gguf(DType.Q8_0));
    }

    @Test
    void mistralWithWindowAndYarn() {
        var yarn = new Json.Obj().put("rope_type", "yarn").put("factor", 4.0).put("original_max_position_embeddings", 64L);
        var spec = new SyntheticSpec("tiny-mistral-window", "mistral", 64, 128, 2, 4, 2, 32, 320, false, yarn, 48, 256, 1e-5f, 10);
        check("tiny-mistral-window", new SyntheticCheckpoint(spec).huggingFace(DType.F32));
    }
}
