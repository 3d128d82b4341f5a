package dev.crema.conformance;

/** Tiny models of Phi 3: with plain positions, and with LongRoPE. */
final class Phi3Specs {
    private Phi3Specs() { }

    static FamilySpec plain() {
        return phi3("tiny-phithree", 256, "", 104);
    }

    /** LongRoPE: the goldens have a context of 512 tokens and the tests one of 256, more than the original one. */
    static FamilySpec beyond() {
        return longRope(true);
    }

    /** The same with no more than the original one. */
    static FamilySpec within() {
        return longRope(false);
    }

    private static FamilySpec longRope(boolean isLong) {
        int original = isLong ? 64 : 512;
        FamilySpec c = phi3(isLong ? "tiny-phithree-long" : "tiny-phithree-short", original, ",'original_max_position_embeddings':" + original + ",'rope_scaling':{'type':'longrope',"
            + "'short_factor':[1.0,1.1,1.2,1.4,1.7,2.1],'long_factor':[1.0,1.5,3.0,6.0,11.0,20.0]}", isLong ? 124 : 125);
        return c.listed("long_factor", "rope_factors_long.weight").listed("short_factor", "rope_factors_short.weight")
            .key("rope.scaling.attn_factor", isLong ? (float) Math.sqrt(1 + Math.log(256 / 64.0) / Math.log(64)) : 1f);
    }

    private static FamilySpec phi3(String name, int original, String more, long seed) {
        FamilySpec c = FamilySpecs.rms(FamilySpecs.llamaEnds(FamilySpecs.start(name, "phi3", FamilySpecs.LAYERS, 2, FamilySpecs.DIM, "{'model_type':'phi3','rms_norm_eps':1e-5,'partial_rotary_factor':0.75" + more + "}", seed), false));
        c.key("rope.dimension_count", 12).key("rope.scaling.original_context_length", original).key("attention.sliding_window", 256);
        for (int layer = 0; layer < FamilySpecs.LAYERS; layer++) {
            String hf = "model.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            FamilySpecs.norm(c, hf + "input_layernorm", gguf + "attn_norm", false);
            FamilySpecs.linear(c, hf + "self_attn.qkv_proj", gguf + "attn_qkv", (FamilySpecs.HEADS + 4) * FamilySpecs.DIM, FamilySpecs.HIDDEN, false);
            FamilySpecs.linear(c, hf + "self_attn.o_proj", gguf + "attn_output", FamilySpecs.HIDDEN, FamilySpecs.HIDDEN, false);
            FamilySpecs.norm(c, hf + "post_attention_layernorm", gguf + "ffn_norm", false);
            FamilySpecs.linear(c, hf + "mlp.gate_up_proj", gguf + "ffn_up", 2 * FamilySpecs.WIDE, FamilySpecs.HIDDEN, false);
            FamilySpecs.linear(c, hf + "mlp.down_proj", gguf + "ffn_down", FamilySpecs.HIDDEN, FamilySpecs.WIDE, false);
        }
        return c;
    }
}
