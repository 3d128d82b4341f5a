package dev.crema.conformance;

import dev.crema.device.Batch;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.sampling.SampleSpec;
import dev.crema.tensor.DType;

import java.util.Arrays;
import java.util.List;

/** Compares a device with itself on a tiny random model with weights of this format: what must not make a difference. */
record InvariantCase(String name, DType format, Limits limits, Body body) implements Case {
    InvariantCase(String name, Limits limits, Body body) {
        this(name, DType.F32, limits, body);
    }

    /** Says how far apart two ways to the same logits are. */
    interface Body {
        Difference awaitRun(Subject subject);
    }

    @Override
    public String unsupported(Device device) {
        return device.supports(format) ? null : "no " + format + " weights";
    }

    @Override
    public Difference awaitCheck(Device device) {
        var setup = new Setup(new TinyLlama(name, format, false, 0).graph(), limits, Noise.seedOf(name), 1, null);
        try (Executable executable = setup.awaitCompile(device)) {
            return body.awaitRun(new Subject(executable, setup));
        }
    }

    /** The compiled model with the few moves that invariants are made of. */
    record Subject(Executable executable, Setup setup) {
        Sequence sequence() {
            return executable.kvPool().newSequence();
        }

        /** A text of random tokens. */
        int[] text(int seed, int length) {
            int[] tokens = new int[length];
            var noise = new Noise(seed);
            for (int i = 0; i < length; i++) {
                tokens[i] = noise.nextInt(TinyLlama.VOCAB);
            }
            return tokens;
        }

        /** Logits after the last of {@code tokens}. */
        float[] awaitLogits(Sequence sequence, int... tokens) {
            return executable.submit(new Batch(List.of(item(sequence, tokens, null)))).awaitLogits();
        }

        /** The same in chunks of {@code size}. */
        float[] awaitChunks(Sequence sequence, int[] tokens, int size) {
            float[] logits = null;
            for (int from = 0; from < tokens.length; from += size) {
                logits = awaitLogits(sequence, Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + size)));
            }
            return logits;
        }

        float[] awaitFresh(int[] tokens) {
            try (Sequence sequence = sequence()) {
                return awaitChunks(sequence, tokens, executable.limits().maxTokens());
            }
        }

        static Batch.Item item(Sequence sequence, int[] tokens, SampleSpec sample) {
            return new Batch.Item(sequence, tokens, 1, sample, true);
        }

        Difference check(float[] expected, float[] found, String what) {
            return Difference.check(setup.graph().logits(), expected, found, expected.length, Tolerance.of(DType.F32), what);
        }
    }
}
