package dev.crema.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.conformance.Conformance;
import dev.crema.conformance.CtrlSpec;
import dev.crema.conformance.EncoderSpecs;
import dev.crema.conformance.FamilyCases;
import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.FamilySpecs;
import dev.crema.json.Json;
import dev.crema.jvm.synth.SyntheticSpec;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.testing.Goldens;
import dev.crema.testing.SyntheticSpecs;
import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Writes docs/models.md: what is held to what, on which device. A row is there only where the golden and the cases are. */
class ModelsPageTest {
    private static final String HEAD = """
        # Models

        Written by `ModelsPageTest` (`-Dgolden=update`); do not edit. Each row is a tiny random model of one architecture, read from a Hugging Face folder and from
        GGUF. **llama.cpp**: its logits and 200 greedy tokens (for encoders its pooled vector) are compared with a recording of llama.cpp's, on the reference
        device and the vector device (for CTRL with its formulas in numpy), to 1e-3 of the logits' size (3e-3 where GELU comes in, which llama.cpp looks up in a
        table of half-precision numbers). **WebGPU** and **Wasm**: the conformance suite holds the device to the reference on the whole model (Llama's closest kin as `graphs/llama/*`).

        | `model_type` | GGUF | llama.cpp | reference | vector | Wasm | WebGPU |
        |---|---|---|---|---|---|---|
        """;

    private static final String FORMATS_HEAD = """

        Each model below runs with its matrices in each of these formats, on the vector device, on Wasm and on WebGPU, and gives what the reference device gives (the conformance suite's
        `models/families/*` and `models/formats/*`). The k-quants and IQ4_XS have blocks of 256, wider than rows of tiny models: the suite has them in Llama's form, as `graphs/llama/*`.

        """;

    private record Row(String architecture, Set<String> models) { }

    @Test
    void thePageSaysWhatIsTested() {
        Map<String, Row> rows = new TreeMap<>();
        for (SyntheticSpec spec : SyntheticSpecs.all()) {
            add(rows, spec.modelType(), spec.modelType().equals("mistral") ? "llama" : spec.modelType(), spec.name());
        }
        List<String> cases = Conformance.all().stream().map(each -> each.name()).toList();
        List<FamilySpec> specs = new ArrayList<>(FamilySpecs.all());
        specs.addAll(EncoderSpecs.all());
        for (FamilySpec spec : specs) {
            assertTrue(cases.contains("models/families/" + spec.name()), "the conformance suite lacks " + spec.name());
            add(rows, ((Json.Str) spec.config().get("model_type")).value(), spec.architecture(), spec.name());
        }
        // llama.cpp does not know it; numpy has the formulas.
        add(rows, "ctrl", "-", CtrlSpec.make().name(), "numpy/tiny-ctrl-f32.json");
        var page = new StringBuilder(HEAD);
        rows.forEach((type, row) -> page.append("| ").append(type).append(" | ").append(row.architecture).append(" | ").append(String.join(", ", row.models))
            .append(" | yes | yes | yes | yes |\n"));
        page.append(FORMATS_HEAD);
        List<DType> formats = FamilyCases.FORMATS;
        page.append("| | ").append(String.join(" | ", formats.stream().map(DType::toString).toList())).append(" |\n|---|").append("---|".repeat(formats.size())).append('\n');
        specs.add(CtrlSpec.make());
        for (FamilySpec spec : specs.stream().sorted(Comparator.comparing(FamilySpec::name)).toList()) {
            page.append("| ").append(spec.name()).append(" |");
            for (DType format : formats) {
                assertTrue(cases.contains(FamilyCases.caseName(spec, format)), spec.name() + " in " + format);
                page.append(" yes |");
            }
            page.append('\n');
        }
        var others = new TreeSet<>(Families.modelTypes());
        others.removeAll(rows.keySet());
        page.append("\nRead by the code of a row above, without a model of their own in the tests: ").append(String.join(", ", others)).append(".\n\n")
            .append("Formats that all of them compute with: ").append(Quant.names()).append(".\nLongRoPE models (Phi 3 with 128k) have, as in llama.cpp, the short factors in contexts as long as they were first trained on, which is the default, and "
                + "the long\nones where a longer context is asked for.\nModels with a recurrent state (RWKV, Mamba, hybrids) do not run: what a token leaves is kept for each token, so that a "
                + "sequence can be cut back to any length,\nforked anywhere and saved by pages; a state that each token overwrites can't be, and would be a second way through every "
                + "device, the scheduler and the prefix cache.\n"
                + "The published encoders all-MiniLM-L6-v2, bge-small-en-v1.5 and e5-small-v2 are read from langchain4j's artifacts by `RealEncodersTest`: on the vector device\n"
                + "`/v1/embeddings` gives the vectors of ONNX Runtime to 1e-5 in each channel (3.3e-7 was the most that was seen, in 28 texts of 2 to 512 tokens), and the tokenizer\n"
                + "the ids of Hugging Face's in 359 texts.\n");
        Goldens.assertGolden("../../docs/models.md", page.toString());
    }

    private static void add(Map<String, Row> rows, String type, String architecture, String model) {
        add(rows, type, architecture, model, "llama-cpp/" + model + "-f32.json");
    }

    private static void add(Map<String, Row> rows, String type, String architecture, String model, String golden) {
        assertTrue(Files.exists(Goldens.path(golden)), "there is no golden of " + model);
        assertTrue(Families.modelTypes().contains(type), type);
        rows.computeIfAbsent(type, t -> new Row(architecture, new TreeSet<>())).models.add(model);
    }
}
