package dev.crema.conformance;

import java.util.List;

import static dev.crema.conformance.FamilySpecs.DIM;
import static dev.crema.conformance.FamilySpecs.HIDDEN;
import static dev.crema.conformance.FamilySpecs.LAYERS;
import static dev.crema.conformance.FamilySpecs.WIDE;
import static dev.crema.conformance.FamilySpecs.linear;
import static dev.crema.conformance.FamilySpecs.llamaEnds;
import static dev.crema.conformance.FamilySpecs.norm;
import static dev.crema.conformance.FamilySpecs.rms;
import static dev.crema.conformance.FamilySpecs.start;

/** Tiny models that differ from Llama in one thing or two. */
final class LlamaKinSpecs {
    private LlamaKinSpecs() { }

    static List<FamilySpec> all() {
        return List.of(seedOss(), ernie(), miniCpm(), arcee(), olmoe(), graniteMoe(), cohere(), cohere2());
    }

    private static String hf(int layer) {
        return "model.layers." + layer + ".";
    }

    private static String gguf(int layer) {
        return "blk." + layer + ".";
    }

    /** Biases on q, k and v, and another name of GGUF's for the second norm. */
    private static FamilySpec seedOss() {
        FamilySpec c = rms(llamaEnds(start("tiny-seed-oss", "seed_oss", LAYERS, 2, 32, "{'model_type':'seed_oss','rms_norm_eps':1e-5}", 126), false));
        for (int layer = 0; layer < LAYERS; layer++) {
            norm(c, hf(layer) + "input_layernorm", gguf(layer) + "attn_norm", false);
            FamilySpecs.qkv(c, hf(layer), gguf(layer), 2, 32, false, true);
            norm(c, hf(layer) + "post_attention_layernorm", gguf(layer) + "post_attention_norm", false);
            FamilySpecs.gatedMlp(c, hf(layer), gguf(layer));
        }
        return c;
    }

    /** Pairs to rotate are neighbours in both forms. */
    private static FamilySpec ernie() {
        FamilySpec c = rms(llamaEnds(start("tiny-ernie", "ernie4_5", LAYERS, 2, DIM, "{'model_type':'ernie4_5','rms_norm_eps':1e-5,'tie_word_embeddings':true}", 127), true));
        for (int layer = 0; layer < LAYERS; layer++) {
            FamilySpecs.llamaLayer(c, layer, false, false);
        }
        return c;
    }

    /** Granite's factors under other names. */
    private static FamilySpec miniCpm() {
        FamilySpec c = rms(llamaEnds(start("tiny-minicpm", "minicpm", LAYERS, 2, DIM, "{'model_type':'minicpm','rms_norm_eps':1e-5,'scale_emb':3.0,'scale_depth':1.4,"
            + "'dim_model_base':32,'tie_word_embeddings':true}", 128), true));
        c.embeddingScale(0.1).key("embedding_scale", 3f).key("residual_scale", (float) (1.4 / Math.sqrt(LAYERS))).key("logit_scale", 2f);
        for (int layer = 0; layer < LAYERS; layer++) {
            FamilySpecs.llamaLayer(c, layer, true, false);
        }
        return c;
    }

    /** A feed-forward without a gate. */
    private static FamilySpec arcee() {
        FamilySpec c = rms(llamaEnds(start("tiny-arcee", "arcee", LAYERS, 2, DIM, "{'model_type':'arcee','rms_norm_eps':1e-5,'hidden_act':'relu2'}", 129), false));
        for (int layer = 0; layer < LAYERS; layer++) {
            FamilySpecs.llamaLayer(c, layer, true, true);
            linear(c, hf(layer) + "mlp.up_proj", gguf(layer) + "ffn_up", WIDE, HIDDEN, false);
            linear(c, hf(layer) + "mlp.down_proj", gguf(layer) + "ffn_down", HIDDEN, WIDE, false);
        }
        return c;
    }

    /** Norms over all of q and of k, and experts whose size is the feed-forward's. */
    private static FamilySpec olmoe() {
        FamilySpec c = rms(llamaEnds(start("tiny-olmoe", "olmoe", LAYERS, 4, DIM, "{'model_type':'olmoe','rms_norm_eps':1e-5,'num_experts':8,'num_experts_per_tok':3,"
            + "'norm_topk_prob':false}", 130), false));
        c.key("expert_count", 8).key("expert_used_count", 3);
        for (int layer = 0; layer < LAYERS; layer++) {
            norm(c, hf(layer) + "input_layernorm", gguf(layer) + "attn_norm", false);
            FamilySpecs.qkv(c, hf(layer), gguf(layer), 4, DIM, false, false);
            c.tensor(hf(layer) + "self_attn.q_norm.weight", gguf(layer) + "attn_q_norm.weight", HIDDEN)
                .tensor(hf(layer) + "self_attn.k_norm.weight", gguf(layer) + "attn_k_norm.weight", HIDDEN);
            norm(c, hf(layer) + "post_attention_layernorm", gguf(layer) + "ffn_norm", false);
            FamilySpecs.qwenExperts(c, layer, WIDE);
        }
        return c;
    }

    /** Granite's factors, and its experts' gates and ups in one. */
    private static FamilySpec graniteMoe() {
        FamilySpec c = rms(llamaEnds(start("tiny-granitemoe", "granitemoe", LAYERS, 2, DIM, "{'model_type':'granitemoe','rms_norm_eps':1e-5,'embedding_multiplier':3.0,"
            + "'residual_multiplier':0.5,'attention_multiplier':0.125,'logits_scaling':2.0,'tie_word_embeddings':true,'num_local_experts':8,'num_experts_per_tok':3}", 133), true));
        c.embeddingScale(0.1).key("embedding_scale", 3f).key("residual_scale", 0.5f).key("attention.scale", 0.125f).key("logit_scale", 2f)
            .key("expert_count", 8).key("expert_used_count", 3);
        for (int layer = 0; layer < LAYERS; layer++) {
            FamilySpecs.llamaLayer(c, layer, true, true);
            String moe = hf(layer) + "block_sparse_moe.";
            c.tensor(moe + "router.layer.weight", gguf(layer) + "ffn_gate_inp.weight", 8, HIDDEN)
                .halves(moe + "input_linear.weight", gguf(layer) + "ffn_*_exps.weight", 8, 2 * WIDE, HIDDEN)
                .tensor(moe + "output_linear.weight", gguf(layer) + "ffn_down_exps.weight", 8, HIDDEN, WIDE);
        }
        return c;
    }

    private static FamilySpec cohere() {
        return cohere("tiny-cohere", "command-r", LAYERS, "'model_type':'cohere'", 131);
    }

    private static FamilySpec cohere2() {
        return cohere("tiny-cohere2", "cohere2", 4, "'model_type':'cohere2','sliding_window':20,'sliding_window_pattern':4", 132).key("attention.sliding_window", 20);
    }

    private static FamilySpec cohere(String name, String architecture, int layers, String config, long seed) {
        FamilySpec c = FamilySpecs.layerNorm(llamaEnds(start(name, architecture, layers, 2, DIM, "{" + config + ",'layer_norm_eps':1e-5,'logit_scale':0.25,"
            + "'tie_word_embeddings':true}", seed), true)).key("logit_scale", 0.25f);
        for (int layer = 0; layer < layers; layer++) {
            norm(c, hf(layer) + "input_layernorm", gguf(layer) + "attn_norm", false);
            FamilySpecs.qkv(c, hf(layer), gguf(layer), 2, DIM, false, false);
            FamilySpecs.gatedMlp(c, hf(layer), gguf(layer));
        }
        return c;
    }
}
