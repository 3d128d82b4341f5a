package dev.crema.convert;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.FamilySpecs;
import dev.crema.jvm.convert.Conversion;
import dev.crema.jvm.convert.TypeMix;
import dev.crema.quant.Quant;
import dev.crema.quant.Rounding;
import dev.crema.tensor.DType;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.MemoryFiles;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A Hugging Face folder becomes the GGUF file that llama.cpp's goldens were made with: the same keys, the same tensors. */
class FamilyConversionTest {
    @TempDir
    Path folder;

    private static FamilySpec named(String name) {
        return FamilySpecs.all().stream().filter(spec -> spec.name().equals(name)).findFirst().orElseThrow();
    }

    private Path convert(FamilySpec spec) throws IOException {
        Path target = folder.resolve("out.gguf");
        var options = new Conversion.Options(new TypeMix(DType.F32, false), Rounding.PLAIN, Map.of(), 0, 1);
        new Conversion(options, Progress.NONE, new Cancellation()).run(new FamilyCheckpoint(spec).huggingFace(), target);
        return target;
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-gemma", "tiny-gemma2", "tiny-gemma3", "tiny-phithree", "tiny-smollm3", "tiny-granite", "tiny-olmo2", "tiny-stablelm",
        "tiny-starcoder2"})
    void keysAndTensorsAreThoseOfTheConvertersOfLlamaCpp(String name) throws IOException {
        FamilySpec spec = named(name);
        Checkpoint expected = Checkpoints.awaitOpen(new FamilyCheckpoint(spec).gguf());
        Checkpoint actual = Checkpoints.awaitOpen(new MemoryFiles("x.gguf").put("x.gguf", Files.readAllBytes(convert(spec))));
        spec.metadata().keySet().forEach(key -> assertEquals(expected.metadata().values().get(key), actual.metadata().values().get(key), key));
        assertEquals(expected.tensors().keySet(), actual.tensors().keySet());
        for (TensorEntry tensor : expected.tensors().values()) {
            TensorEntry other = actual.tensors().get(tensor.name());
            assertEquals(tensor.shape(), other.shape(), tensor.name());
            // One less and one more again may differ in the last bit.
            assertArrayEquals(values(tensor), values(other), 2e-7f, tensor.name());
        }
    }

    private static float[] values(TensorEntry tensor) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        float[] values = new float[(int) tensor.shape().elements()];
        Quant.dequantize(tensor.dtype(), bytes, 0, values, 0, values.length);
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-mixtral", "tiny-qwen2moe", "tiny-gptneox", "tiny-gpt2"})
    void whatCannotBeWrittenIsRefusedByItsType(String name) {
        FamilySpec spec = named(name);
        CremaException error = assertThrows(CremaException.class, () -> convert(spec));
        assertTrue(error.getMessage().contains(spec.config().get("model_type").toString()), error.getMessage());
    }
}
