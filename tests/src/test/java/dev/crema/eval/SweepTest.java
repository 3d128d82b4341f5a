package dev.crema.eval;

import dev.crema.CremaException;
import dev.crema.Progress;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.jvm.eval.Sweep;
import dev.crema.jvm.eval.SweepReport;
import dev.crema.jvm.eval.WeightFormat;
import dev.crema.quant.BlockRounding;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SweepTest {
    private static final String TEXT = "The the in an other text that is to be read in windows of several tokens, some of which stand there twice. ".repeat(2);

    private static List<WeightFormat> formats(String... names) {
        return Stream.of(names).map(WeightFormat::named).toList();
    }

    @Test
    void everyPointIsARowAndEveryPlotIsXml(@TempDir Path folder) throws Exception {
        Model model = ModelLoader.awaitOpen(new SyntheticCheckpoint(SyntheticSpecs.superBlocks()).huggingFace(DType.F32), null, 0);
        var grid = new Sweep.Grid(formats("Q4_0", "nf4", "minmax2", "neuqi2"), List.of(0f, 1f), List.of(0, 20), List.of(6), List.of("in the"));
        List<Sweep.Row> rows = new Sweep(model, ReferenceDevice::new, Map.of(), Progress.NONE).run(grid, TEXT, 64);
        assertEquals(16, rows.size());
        for (Sweep.Row row : rows) {
            assertTrue(row.kvBytes() > 0, row.toString());
            assertTrue(row.tokens() > 0 && row.judged() > 1 && row.divergence() > 0 && row.perplexity() > 1, row.toString());
            assertEquals(row.format().equals("Q4_0"), Double.isFinite(row.tokensPerSecond()), row.format());
        }
        double q4 = rows.get(0).divergence();
        double minMax = rows.get(8).divergence();
        double neUqi = rows.get(12).divergence();
        assertTrue(q4 < neUqi && neUqi < 0.9 * minMax, q4 + " " + neUqi + " " + minMax);
        assertTrue(rows.get(8).bytes() < rows.get(0).bytes());
        for (String name : SweepReport.write(folder, rows)) {
            String text = Files.readString(folder.resolve(name));
            if (name.endsWith(".svg")) {
                assertEquals("svg", DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(folder.resolve(name).toFile()).getDocumentElement().getTagName());
                assertTrue(text.contains("Q4_0"), name);
                assertEquals(!name.contains("speed"), text.contains("nf4"), name);
            } else {
                List<String> lines = text.lines().toList();
                assertEquals(17, lines.size());
                assertTrue(lines.stream().allMatch(line -> line.split(",", -1).length == 14), text);
            }
        }
    }

    /** Some of the sixteen numbers of QLoRA's appendix E. */
    @Test
    void levelsAreThePublishedOnes() {
        float[] x = new float[64];
        x[0] = 2;
        x[1] = -2;
        x[2] = 2 * 0.33f;
        x[3] = 2 * -0.71f;
        x[4] = 2 * 0.075f;
        x[5] = 2 * -0.1f;
        BlockRounding.nf4(64).round(x, 64, null);
        assertArrayEquals(new float[] {2, -2, 2 * 0.33791524f, 2 * -0.69619280f, 2 * 0.07958030f, 2 * -0.09105004f, 0}, Arrays.copyOf(x, 7), 1e-5f);
        x = new float[] {0, 1, 0.2f, -0.7f, -0.01f, 0.29f};
        BlockRounding.fp4(6).round(x, 6, null);
        assertArrayEquals(new float[] {0, 1, 1 / 6f, -2 / 3f, -1 / 192f, 0.25f}, x, 1e-6f);
        x = new float[] {127, -0.4f, 3.6f, 12.7f, -1.27f, 0.49f};
        BlockRounding.int8().round(x, 3, null);
        assertArrayEquals(new float[] {127, 0, 4, 12.7f, -1.3f, 0.5f}, x, 1e-5f);
    }

    @Test
    void formatsThatDoNotFitAndUnknownOnesAreRefused() {
        assertEquals("types", assertThrows(CremaException.class, () -> WeightFormat.named("q9")).param());
        Model model = ModelLoader.awaitOpen(new SyntheticCheckpoint(SyntheticSpecs.named("tiny-qwen2")).huggingFace(DType.F32), null, 0);
        var grid = new Sweep.Grid(formats("Q4_K"), List.of(0f), List.of(0), List.of(4), List.of("in the"));
        assertTrue(assertThrows(CremaException.class, () -> new Sweep(model, ReferenceDevice::new, Map.of(), Progress.NONE).run(grid, TEXT, 64)).getMessage()
            .contains("Q4_K"));
    }
}
