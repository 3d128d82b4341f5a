package dev.crema.conformance;

import dev.crema.device.KvFormats;
import dev.crema.device.Limits;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

import static dev.crema.conformance.CaseList.tokens;

/** Attention over paged caches: head shapes, windows, chunks, several sequences, pages in scattered order, forks and truncations. */
final class AttentionCases {
    private static final Limits LIMITS = new Limits(70, 70, 6, 320, 60);

    private AttentionCases() { }

    static void addTo(CaseList list) {
        for (int headDim : new int[] {1, 2, 8, 16, 31, 32, 33, 64, 65, 80, 96, 128, 256}) {
            list(list, "d" + headDim, 4, 2, headDim, 0, AttentionCases::mixed);
        }
        int[][] heads = {{1, 1}, {3, 3}, {4, 4}, {8, 2}, {7, 1}, {9, 3}, {33, 11}, {32, 4}};
        for (int[] shape : heads) {
            list(list, "h" + shape[0] + "_kv" + shape[1], shape[0], shape[1], 16, 0, AttentionCases::mixed);
        }
        for (int window : new int[] {1, 2, 15, 16, 17, 33, 64, 1000}) {
            list(list, "window" + window, 4, 2, 32, window, AttentionCases::mixed);
        }
        list(list, "one_token", 4, 2, 32, 0, run -> run.add(0, 1, 1).awaitStep());
        for (int chunk : new int[] {2, 15, 16, 17, 32, 33, 64, 65}) {
            list(list, "chunk" + chunk, 4, 2, 32, 0, run -> chunks(run, chunk));
        }
        list(list, "decode", 6, 2, 64, 0, AttentionCases::decode);
        list(list, "scattered", 4, 2, 32, 0, AttentionCases::scattered);
        list(list, "scattered_window20", 4, 2, 32, 20, AttentionCases::scattered);
        list(list, "forks", 4, 4, 24, 0, AttentionCases::forks);
        list(list, "long", 2, 1, 64, 0, AttentionCases::longContext);
        twoLayers(list);
        toAll(list, "few", 4, 2, 32, run -> run.add(0, 5, 5).add(1, 3, 3).awaitStep());
        toAll(list, "many", 4, 4, 32, run -> run.add(0, 37, 37).add(1, 1, 1).add(2, 30, 30).awaitStep());
        toAll(list, "wide", 12, 12, 64, run -> run.add(0, 17, 1).awaitStep());
        toAll(list, "pieces", 6, 3, 24, run -> {
            run.add(0, 33, 1).awaitStep();
            run.add(1, 20, 20).add(0, 16, 16).awaitStep();
        });
        options(list);
        formats(list);
        latents(list);
    }

    /** Values that are a part of the keys; 576 and 512 are DeepSeek's. */
    private static void latents(CaseList list) {
        for (int[] shape : new int[][] {{4, 2, 24, 16}, {4, 2, 40, 33}, {6, 3, 48, 48}, {16, 1, 576, 512}, {2, 1, 320, 257}, {10, 5, 9, 1}}) {
            String name = "latent/h" + shape[0] + "_kv" + shape[1] + "_d" + shape[2] + "_" + shape[3];
            latent(list, name, shape, LIMITS, AttentionCases::mixed);
        }
        int[] small = {8, 1, 96, 64};
        latent(list, "latent/forks", small, LIMITS, AttentionCases::forks);
        latent(list, "latent/decode", small, LIMITS, AttentionCases::decode);
        latent(list, "latent/long", small, LIMITS, AttentionCases::longContext);
        for (DType format : KvFormats.ALL) {
            var limits = new Limits(70, 70, 6, 320, 60, format);
            String at = "latent/kv_" + (format + "").toLowerCase() + '/';
            // As many queries and channels of a value as in cases above: each other number is a pipeline more.
            latent(list, at + "d96_64", new int[] {4, 2, 96, 64}, limits, AttentionCases::mixed);
            latent(list, at + "d64_48", new int[] {6, 2, 64, 48}, limits, AttentionCases::scattered);
        }
    }

    /** {@code shape}: heads, kv heads, channels of a key and of a value. */
    private static void latent(CaseList list, String name, int[] shape, Limits limits, Setup.Script script) {
        list.add("kernels/attention/" + name, DType.F32, 0, 0, limits, 1.7f, at -> {
            var g = new GraphBuilder("attention").kv(new KvLayout(1, shape[1], shape[2], shape[3]));
            Value q = g.input("q", tokens(shape[0] * shape[2]));
            Value k = g.input("k", tokens(shape[1] * shape[2]));
            return g.output(g.latentAttention("out", q, k, 0, shape[0], shape[1], shape[2], (float) (2 / Math.sqrt(shape[2])))).build();
        }, script);
    }

    /** Soft-capping and sinks, alone and with a window. */
    private static void options(CaseList list) {
        for (float softcap : new float[] {0.5f, 5, 50}) {
            list(list, new Shape("softcap" + softcap, 4, 2, 32, 0, softcap, false), LIMITS, AttentionCases::mixed);
        }
        list(list, new Shape("sinks", 6, 2, 32, 0, 0, true), LIMITS, AttentionCases::scattered);
        list(list, new Shape("sinks_window5", 6, 3, 24, 5, 0, true), LIMITS, AttentionCases::scattered);
        list(list, new Shape("sinks_softcap_window20", 8, 2, 64, 20, 4, true), LIMITS, AttentionCases::mixed);
        list(list, new Shape("sinks_decode", 8, 1, 64, 0, 0, true), LIMITS, AttentionCases::decode);
    }

    /** Every format of the KV cache; heads of whole blocks for those that have blocks. */
    private static void formats(CaseList list) {
        for (DType format : KvFormats.ALL) {
            var limits = new Limits(70, 70, 6, 320, 60, format);
            String at = "kv_" + (format + "").toLowerCase() + '/';
            for (int headDim : format.blockSize() > 1 ? new int[] {32, 64, 96, 128, 192, 256} : new int[] {1, 7, 24, 40, 48, 64, 112, 128, 192, 256}) {
                list(list, new Shape(at + "d" + headDim, 4, 2, headDim, 0, 0, false), limits, AttentionCases::mixed);
            }
            list(list, new Shape(at + "forks", 4, 4, 32, 0, 0, false), limits, AttentionCases::forks);
            list(list, new Shape(at + "scattered", 6, 2, 64, 20, 0, false), limits, AttentionCases::scattered);
            list(list, new Shape(at + "decode", 14, 2, 64, 0, 0, true), limits, AttentionCases::decode);
        }
    }

    /** Encoders: tokens see those after them too. */
    private static void toAll(CaseList list, String shape, int heads, int kvHeads, int headDim, Setup.Script script) {
        list.add("kernels/attention/not_causal/" + shape, DType.F32, 0, 0, LIMITS, 1.7f, name -> {
            var g = new GraphBuilder("attention").kv(new KvLayout(1, kvHeads, headDim));
            Value q = g.input("q", tokens(heads * headDim));
            Value k = g.input("k", tokens(kvHeads * headDim));
            Value v = g.input("v", tokens(kvHeads * headDim));
            return g.output(g.attentionToAll("out", q, k, v, 0, heads, kvHeads, headDim, 0.25f)).build();
        }, script);
    }

    /** What an attention op is made with; the name says which of it matters. */
    private record Shape(String name, int heads, int kvHeads, int headDim, int window, float softcap, boolean sinks) { }

    private static void list(CaseList list, String name, int heads, int kvHeads, int headDim, int window, Setup.Script script) {
        list(list, new Shape(name, heads, kvHeads, headDim, window, 0, false), LIMITS, script);
    }

    private static void list(CaseList list, Shape shape, Limits limits, Setup.Script script) {
        int heads = shape.heads;
        int kvHeads = shape.kvHeads;
        int headDim = shape.headDim;
        // About 150 tokens over 80 positions each: only good for comparing runs of the same case.
        double work = 150.0 * 80 * heads * headDim;
        list.add("kernels/attention/" + shape.name, DType.F32, 4 * work, 8 * work / heads * kvHeads, limits, 1.7f, name -> {
            var g = new GraphBuilder("attention").kv(new KvLayout(1, kvHeads, headDim));
            Value q = g.input("q", tokens(heads * headDim));
            Value k = g.input("k", tokens(kvHeads * headDim));
            Value v = g.input("v", tokens(kvHeads * headDim));
            float scale = (float) (2 / Math.sqrt(headDim));
            Weight sinks = shape.sinks ? CaseList.weight(name + "/sinks", DType.F32, heads) : null;
            return g.output(g.attention("out", q, k, v, 0, heads, kvHeads, headDim, scale, shape.window, shape.softcap, sinks)).build();
        }, script);
    }

    /** Two sequences: prefill in two chunks, then decode beside the other's chunk. */
    private static void mixed(Run run) {
        run.add(0, 37, 0).add(1, 5, 1).awaitStep();
        run.add(1, 1, 1).add(0, 33, 1).awaitStep();
        run.add(0, 1, 1).add(1, 1, 1).awaitStep();
    }

    private static void chunks(Run run, int chunk) {
        for (int i = 0; i < 3; i++) {
            run.add(0, chunk, 1).awaitStep();
        }
        run.add(0, 1, 1).awaitStep();
    }

    /** Across three edges of a page, one token at a time. */
    private static void decode(Run run) {
        run.add(0, 14, 1).add(1, 15, 1).add(2, 30, 1).awaitStep();
        for (int i = 0; i < 5; i++) {
            run.add(2, 1, 1).add(0, 1, 1).add(1, 1, 1).awaitStep();
        }
    }

    /** Sequences grow in turn, so that their pages interleave; one goes and leaves holes that others fill. */
    private static void scattered(Run run) {
        for (int i = 0; i < 4; i++) {
            run.add(0, 11, 0).add(1, 17, 0).add(2, 3, 1).awaitStep();
        }
        run.sequence(1).truncate(5);
        run.sequence(2).truncate(0);
        for (int i = 0; i < 3; i++) {
            run.add(2, 19, 1).add(0, 21, 1).add(1, 9, 1).awaitStep();
        }
        run.add(0, 1, 1).add(1, 1, 1).add(2, 1, 1).awaitStep();
    }

    /** Forks within a page and at its edge; each goes its own way and must not see the other's tokens. */
    static void forks(Run run) {
        run.add(0, 21, 1).awaitStep();
        run.fork(0, 1);
        run.add(0, 4, 1).add(1, 9, 1).awaitStep();
        run.sequence(0).truncate(16);
        run.fork(0, 2);
        run.add(0, 1, 1).add(1, 1, 1).add(2, 18, 2).awaitStep();
        run.fork(2, 3);
        run.sequence(2).truncate(20);
        run.add(2, 1, 1).add(3, 1, 1).awaitStep();
        run.add(3, 2, 2).add(2, 2, 2).add(0, 1, 1).awaitStep();
    }

    private static void longContext(Run run) {
        for (int i = 0; i < 4; i++) {
            run.add(0, 63, 1).awaitStep();
        }
        run.add(0, 1, 1).awaitStep();
        run.add(0, 65, 1).awaitStep();
    }

    /** Each layer has a cache of its own: the second reads other k and v. */
    private static void twoLayers(CaseList list) {
        list.add("kernels/attention/two_layers", DType.F32, 0, 0, LIMITS, 1.7f, name -> {
            var g = new GraphBuilder("attention").kv(new KvLayout(2, 2, 16));
            Value q = g.input("q", tokens(64));
            Value k = g.input("k", tokens(32));
            Value v = g.input("v", tokens(32));
            Value first = g.attention("first", q, k, v, 0, 4, 2, 16, 0.5f, 0);
            return g.output(first).output(g.attention("second", first, v, k, 1, 4, 2, 16, 0.5f, 7)).build();
        }, AttentionCases::scattered);
    }
}
