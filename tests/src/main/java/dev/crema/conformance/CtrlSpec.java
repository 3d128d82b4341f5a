package dev.crema.conformance;

import dev.crema.json.JsonParser;

/** A tiny CTRL, which GGUF has no form of: what stands for GGUF's names here only makes the numbers. */
public final class CtrlSpec {
    private static final int HIDDEN = 64;
    private static final int WIDE = 96;
    private static final int VOCAB = 320;

    private CtrlSpec() { }

    public static FamilySpec make() {
        var c = new FamilySpec("tiny-ctrl", "ctrl", VOCAB, JsonParser.parseObject("{\"model_type\":\"ctrl\",\"layer_norm_epsilon\":1e-6}"), 130);
        c.size("context_length", "n_positions", 256).size("embedding_length", "n_embd", HIDDEN).size("feed_forward_length", "dff", WIDE)
            .size("block_count", "n_layer", 2).size("attention.head_count", "n_head", 4).embeddingScale(0.2);
        c.tensor("transformer.w.weight", "token_embd.weight", VOCAB, HIDDEN).tensor("lm_head.bias", "output.bias", VOCAB);
        pair(c, "transformer.layernorm", "output_norm", HIDDEN, 0);
        for (int layer = 0; layer < 2; layer++) {
            String hf = "transformer.h." + layer + ".";
            String at = "blk." + layer + ".";
            pair(c, hf + "layernorm1", at + "attn_norm", HIDDEN, 0);
            for (String each : new String[] {"Wq", "Wk", "Wv", "dense"}) {
                pair(c, hf + "multi_head_attention." + each, at + each, HIDDEN, HIDDEN);
            }
            pair(c, hf + "layernorm2", at + "ffn_norm", HIDDEN, 0);
            pair(c, hf + "ffn.0", at + "ffn_up", WIDE, HIDDEN);
            pair(c, hf + "ffn.2", at + "ffn_down", HIDDEN, WIDE);
        }
        return c;
    }

    /** Weight and bias; {@code in} 0 for a norm. */
    private static void pair(FamilySpec c, String hf, String at, int out, int in) {
        c.tensor(hf + ".weight", at + ".weight", in == 0 ? new int[] {out} : new int[] {out, in}).tensor(hf + ".bias", at + ".bias", out);
    }
}
