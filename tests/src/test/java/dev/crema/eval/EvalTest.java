package dev.crema.eval;

import dev.crema.Progress;
import dev.crema.device.Device;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.jvm.convert.ImportanceFile;
import dev.crema.jvm.eval.Divergence;
import dev.crema.jvm.eval.ImportanceMatrix;
import dev.crema.jvm.eval.MultipleChoice;
import dev.crema.jvm.eval.Perplexity;
import dev.crema.jvm.eval.Scorer;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.testing.HostDevices;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;
import dev.crema.testing.TokenRunner;
import dev.crema.tokenizer.Tokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Figures of a model, against sums made in another way. */
class EvalTest {
    private static final String TEXT = "The the in an other text that is to be read in windows of several tokens, some of which stand there twice. ".repeat(4);

    private static Model model(DType type) {
        return ModelLoader.awaitOpen(new SyntheticCheckpoint(SyntheticSpecs.superBlocks()).gguf(type), null, 0);
    }

    @Test
    void perplexityIsTheMeanOfLogProbabilities() {
        Model model = model(DType.F32);
        int[] tokens = model.tokenizer().encode(TEXT, Tokenizer.Special.TEXT);
        double loss = 0;
        int count = 0;
        for (int start = 0; start < tokens.length; start += 50) {
            int end = Math.min(tokens.length, start + 50);
            try (var device = new ReferenceDevice(); var runner = new TokenRunner(model.checkpoint(), device, 64)) {
                for (int i = start; i + 1 < end; i++) {
                    float[] row = runner.logits(tokens[i])[0];
                    double sum = 0;
                    for (float logit : row) {
                        sum += Math.exp(logit);
                    }
                    loss -= Math.log(Math.exp(row[tokens[i + 1]]) / sum);
                    count++;
                }
            }
        }
        for (var each : HostDevices.all().entrySet()) {
            try (Device device = each.getValue().get(); Scorer scorer = Scorer.awaitOpen(model, device, 64, Progress.NONE)) {
                Perplexity perplexity = Perplexity.await(scorer, TEXT, 50, share -> { });
                assertEquals(count, perplexity.tokens());
                assertEquals(loss / count, perplexity.meanLoss(), 1e-3, each.getKey());
                assertEquals(Math.exp(loss / count), perplexity.value(), 1e-3 * Math.exp(loss / count), each.getKey());
            }
        }
    }

    @Test
    void aModelDivergesFromItselfByNothingAndFromRoundedOnesByMoreTheCoarser() {
        double before = 0;
        for (DType type : new DType[] {DType.F32, DType.F16, DType.Q8_0, DType.Q4_0}) {
            try (var device = new ReferenceDevice(); var other = new ReferenceDevice();
                    Scorer base = Scorer.awaitOpen(model(DType.F32), device, 64, Progress.NONE);
                    Scorer scorer = Scorer.awaitOpen(model(type), other, 64, Progress.NONE)) {
                Divergence divergence = Divergence.await(scorer, base, TEXT, 64, share -> { });
                assertTrue(type == DType.F32 ? divergence.mean() < 1e-9 && divergence.sameTop() == 1 && divergence.perplexityRatio() == 1
                    : divergence.mean() > before, type + " " + divergence);
                assertTrue(divergence.percentile99() <= divergence.largest() && divergence.mean() <= divergence.largest());
                before = divergence.mean();
            }
        }
    }

    /** The greedy continuation is likelier than any other of its length. */
    @Test
    void theLikeliestEndingIsChosen() {
        Model model = model(DType.F32);
        int[] prompt = model.tokenizer().encode("in the other", Tokenizer.Special.TEXT);
        StringBuilder tasks = new StringBuilder("\n");
        try (var device = new ReferenceDevice(); var runner = new TokenRunner(model.checkpoint(), device, 64)) {
            float[] row = runner.logits(prompt)[prompt.length - 1];
            int best = -1;
            int worst = -1;
            for (int token = 'a' - '!'; token <= 'z' - '!'; token++) {
                best = best < 0 || row[token] > row[best] ? token : best;
                worst = worst < 0 || row[token] < row[worst] ? token : worst;
            }
            for (int answer = 0; answer < 2; answer++) {
                String right = new String(model.tokenizer().bytes(best), StandardCharsets.UTF_8);
                String wrong = new String(model.tokenizer().bytes(worst), StandardCharsets.UTF_8);
                tasks.append("{\"query\":\"in the other\",\"choices\":[\"").append(answer == 0 ? right : wrong).append("\",\"").append(answer == 0 ? wrong : right)
                    .append("\"],\"answer\":").append(answer).append("}\n");
            }
        }
        try (var device = new ReferenceDevice(); Scorer scorer = Scorer.awaitOpen(model, device, 64, Progress.NONE)) {
            MultipleChoice result = MultipleChoice.await(scorer, MultipleChoice.parse(tasks.toString()), share -> { });
            assertEquals(2, result.questions());
            assertEquals(1, result.accuracy());
        }
    }

    @Test
    void importanceIsTheMeanSquareOfWhatALayerReads(@TempDir Path folder) throws IOException {
        Model model = model(DType.F32);
        Map<String, float[]> means = null;
        for (var each : HostDevices.all().entrySet()) {
            try (Device device = each.getValue().get(); Scorer scorer = Scorer.awaitOpen(ImportanceMatrix.tapped(model), device, 64, Progress.NONE)) {
                Map<String, float[]> found = ImportanceMatrix.await(scorer, TEXT, 64, share -> { });
                assertEquals(256, found.get("model.layers.0.self_attn.q_proj.weight").length);
                assertEquals(512, found.get("model.layers.1.mlp.down_proj.weight").length);
                // All three read the same.
                assertArrayEquals(found.get("model.layers.1.self_attn.q_proj.weight"), found.get("model.layers.1.self_attn.v_proj.weight"));
                float[] normed = found.get("model.layers.0.mlp.up_proj.weight");
                double sum = 0;
                for (float mean : normed) {
                    sum += mean;
                }
                // A norm makes the mean square 1, and weights of 1 +- 0.3 leave it near.
                assertEquals(1.03, sum / normed.length, 0.15, each.getKey());
                if (means != null) {
                    for (Map.Entry<String, float[]> mean : means.entrySet()) {
                        for (int i = 0; i < mean.getValue().length; i++) {
                            assertEquals(mean.getValue()[i], found.get(mean.getKey())[i], 1e-3f * (0.1f + mean.getValue()[i]), mean.getKey());
                        }
                    }
                }
                means = found;
            }
        }
        Path file = folder.resolve("imatrix.gguf");
        assertEquals(means.size(), ImportanceFile.write(file, means, model.weights().used(), model.checkpoint().config()));
        Map<String, float[]> read = ImportanceFile.read(file);
        assertArrayEquals(means.get("model.layers.1.mlp.down_proj.weight"), read.get("blk.1.ffn_down.weight"));
    }
}
