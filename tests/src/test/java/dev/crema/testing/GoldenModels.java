package dev.crema.testing;

import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.conformance.CtrlSpec;
import dev.crema.conformance.EncoderSpecs;
import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.FamilySpecs;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.jvm.synth.SyntheticSpec;
import dev.crema.jvm.synth.SyntheticTokenizer;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Writes the GGUF files that {@code tests/goldens/make/llama-cpp.mjs} reads: {@code GoldenModels <folder> <shared/models>}. */
public final class GoldenModels {
    /** Block formats that Crema does not write: their weights are random blocks. Q8_1 and Q8_K are llama.cpp's for activations. */
    public static final List<DType> READ_ONLY = Arrays.stream(DType.values()).filter(dtype -> Quant.reads(dtype) && dtype.blockSize() > 1 && dtype.ggmlId() >= 0
        && !Quant.canQuantize(dtype) && dtype != DType.Q8_1 && dtype != DType.Q8_K).toList();

    private GoldenModels() { }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Path shared = Path.of(args[1]);
        for (SyntheticSpec spec : SyntheticSpecs.all()) {
            new SyntheticCheckpoint(spec).gguf(DType.F32).writeTo(folder);
        }
        for (FamilySpec family : FamilySpecs.all()) {
            new FamilyCheckpoint(family).gguf().writeTo(folder);
        }
        new FamilyCheckpoint(CtrlSpec.make()).huggingFace().writeTo(Files.createDirectories(folder.resolve("tiny-ctrl")));
        for (FamilySpec encoder : EncoderSpecs.all()) {
            new FamilyCheckpoint(encoder).gguf().writeTo(folder);
        }
        var llama = new SyntheticCheckpoint(SyntheticSpecs.named("tiny-llama3"));
        for (DType dtype : new DType[] {DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0}) {
            llama.gguf(dtype).writeTo(folder);
        }
        var wide = new SyntheticCheckpoint(SyntheticSpecs.superBlocks());
        for (DType dtype : READ_ONLY) {
            wide.gguf(dtype).writeTo(folder);
        }
        Files.copy(shared.resolve("stories260k/stories260K.gguf"), folder.resolve("stories260k.gguf"));
        tinyStories(MemoryFiles.read(shared.resolve("tinystories-656k"))).writeTo(folder);
    }

    /**
     * tinystories-656k as GGUF, weights in their own F32. The vocabulary is a stand-in of the same size: the goldens are of token ids.
     */
    static MemoryFiles tinyStories(MemoryFiles folder) {
        var spec = new SyntheticSpec("tinystories-656k", "llama", 128, 384, 2, 8, 4, 16, 2048, true, null, 0, 512, 1e-6f, 0);
        Checkpoint checkpoint = Checkpoints.awaitOpen(folder);
        var writer = new GgufWriter();
        spec.writeTo(writer);
        new SyntheticTokenizer(spec.vocab()).writeTo(writer);
        for (TensorEntry entry : checkpoint.tensors().values()) {
            // Tied, but stored under the other name.
            String name = entry.name().equals("lm_head.weight") ? "model.embed_tokens.weight" : entry.name();
            var bytes = new byte[(int) entry.bytes().length()];
            entry.bytes().awaitRead(0, bytes, 0, bytes.length);
            writer.tensor(spec.ggufName(name), entry.dtype(), entry.shape(), spec.ggufOrder(name, bytes, entry.shape()));
        }
        return new MemoryFiles("tinystories-656k.gguf").put("tinystories-656k.gguf", writer.toBytes());
    }
}
