package dev.crema.conformance;

import dev.crema.json.JsonParser;

import java.util.List;

/** Tiny models with multi-head latent attention: heads of 16 channels and 8 that are rotated, from latent vectors of 32; values of 20. */
final class LatentSpecs {
    private static final int VOCAB = 320;
    private static final int HIDDEN = 64;
    private static final int HEADS = 4;
    private static final int NOPE = 16;
    private static final int ROPE = 8;
    private static final int RANK = 32;
    private static final int VALUE = 20;
    private static final int WIDE = 96;
    private static final int EXPERTS = 8;
    private static final int EXPERT = 32;
    private static final int QUERY_RANK = 48;

    private LatentSpecs() { }

    static List<FamilySpec> all() {
        return List.of(v2Lite(), v3(), plm());
    }

    private static FamilySpec start(String name, String architecture, int layers, String config, long seed) {
        var c = new FamilySpec(name, architecture, VOCAB, JsonParser.parseObject(("{'rms_norm_eps':1e-5,'rope_theta':10000.0,'qk_nope_head_dim':16,"
            + "'qk_rope_head_dim':8,'v_head_dim':20," + config + "}").replace('\'', '"')), seed);
        c.size("context_length", "max_position_embeddings", 256).size("embedding_length", "hidden_size", HIDDEN)
            .size("feed_forward_length", "intermediate_size", WIDE).size("block_count", "num_hidden_layers", layers)
            .size("attention.head_count", "num_attention_heads", HEADS).size("attention.kv_lora_rank", "kv_lora_rank", RANK)
            .key("rope.dimension_count", ROPE).key("rope.freq_base", 10000f).key("attention.layer_norm_rms_epsilon", 1e-5f);
        return c.tensor("model.embed_tokens.weight", "token_embd.weight", VOCAB, HIDDEN).tensor("model.norm.weight", "output_norm.weight", HIDDEN);
    }

    /** Files from before the absorbed form have the lengths of whole heads, those since then the lengths of the cache, too. */
    private static FamilySpec lengths(FamilySpec c, boolean absorbed) {
        if (absorbed) {
            return c.key("attention.head_count_kv", 1).key("attention.key_length", RANK + ROPE).key("attention.value_length", RANK)
                .key("attention.key_length_mla", NOPE + ROPE).key("attention.value_length_mla", VALUE);
        }
        return c.key("attention.head_count_kv", HEADS).key("attention.key_length", NOPE + ROPE).key("attention.value_length", VALUE);
    }

    private static void attention(FamilySpec c, int layer, int queryRank, boolean absorbed) {
        String hf = "model.layers." + layer + ".";
        String gguf = "blk." + layer + ".";
        c.tensor(hf + "input_layernorm.weight", gguf + "attn_norm.weight", HIDDEN);
        if (queryRank > 0) {
            c.tensor(hf + "self_attn.q_a_proj.weight", gguf + "attn_q_a.weight", queryRank, HIDDEN)
                .tensor(hf + "self_attn.q_a_layernorm.weight", gguf + "attn_q_a_norm.weight", queryRank)
                .tensor(hf + "self_attn.q_b_proj.weight", gguf + "attn_q_b.weight", HEADS * (NOPE + ROPE), queryRank);
        } else {
            c.tensor(hf + "self_attn.q_proj.weight", gguf + "attn_q.weight", HEADS * (NOPE + ROPE), HIDDEN);
        }
        c.tensor(hf + "self_attn.kv_a_proj_with_mqa.weight", gguf + "attn_kv_a_mqa.weight", RANK + ROPE, HIDDEN)
            .tensor(hf + "self_attn.kv_a_layernorm.weight", gguf + "attn_kv_a_norm.weight", RANK);
        if (absorbed) {
            c.absorbed(hf + "self_attn.kv_b_proj.weight", gguf + "attn_kv_b.weight", NOPE, VALUE, HEADS * (NOPE + VALUE), RANK);
        } else {
            c.tensor(hf + "self_attn.kv_b_proj.weight", gguf + "attn_kv_b.weight", HEADS * (NOPE + VALUE), RANK);
        }
        c.tensor(hf + "self_attn.o_proj.weight", gguf + "attn_output.weight", HIDDEN, HEADS * VALUE)
            .tensor(hf + "post_attention_layernorm.weight", gguf + "ffn_norm.weight", HIDDEN);
    }

    private static void dense(FamilySpec c, int layer) {
        for (String[] each : new String[][] {{"gate_proj", "ffn_gate"}, {"up_proj", "ffn_up"}, {"down_proj", "ffn_down"}}) {
            boolean down = each[0].startsWith("down");
            c.tensor("model.layers." + layer + ".mlp." + each[0] + ".weight", "blk." + layer + "." + each[1] + ".weight", down ? HIDDEN : WIDE,
                down ? WIDE : HIDDEN);
        }
    }

    private static void experts(FamilySpec c, int layer, boolean biased, int shared) {
        String hf = "model.layers." + layer + ".mlp.";
        String gguf = "blk." + layer + ".";
        c.tensor(hf + "gate.weight", gguf + "ffn_gate_inp.weight", EXPERTS, HIDDEN);
        if (biased) {
            c.tensor(hf + "gate.e_score_correction_bias", gguf + "exp_probs_b.bias", EXPERTS);
        }
        for (String[] each : new String[][] {{"gate_proj", "ffn_gate"}, {"up_proj", "ffn_up"}, {"down_proj", "ffn_down"}}) {
            boolean down = each[0].startsWith("down");
            c.stacked(hf + "experts.*." + each[0] + ".weight", gguf + each[1] + "_exps.weight", EXPERTS, down ? HIDDEN : EXPERT, down ? EXPERT : HIDDEN)
                .tensor(hf + "shared_experts." + each[0] + ".weight", gguf + each[1] + "_shexp.weight", down ? HIDDEN : shared * EXPERT,
                    down ? shared * EXPERT : HIDDEN);
        }
    }

    /** As long as V2-Lite, by whose 27 layers llama.cpp knows that queries have no latent vector; kv_b in one. */
    private static FamilySpec v2Lite() {
        FamilySpec c = lengths(start("tiny-deepseek-v2-lite", "deepseek2", 27, "'model_type':'deepseek_v2','n_routed_experts':8,'n_shared_experts':2,"
            + "'num_experts_per_tok':3,'moe_intermediate_size':32,'first_k_dense_replace':1,'norm_topk_prob':false,'scoring_func':'softmax','q_lora_rank':null,"
            + "'topk_method':'greedy','n_group':1,'topk_group':1,'routed_scaling_factor':1.0,'rope_scaling':{'type':'yarn','factor':4.0,"
            + "'original_max_position_embeddings':64,'beta_fast':32,'beta_slow':1,'mscale':0.707,'mscale_all_dim':0.707}", 121), false);
        c.key("leading_dense_block_count", 1).key("expert_count", EXPERTS).key("expert_used_count", 3).key("expert_shared_count", 2)
            .key("expert_feed_forward_length", EXPERT).key("expert_weights_scale", 1f).key("rope.scaling.type", "yarn").key("rope.scaling.factor", 4f)
            .key("rope.scaling.original_context_length", 64).key("rope.scaling.yarn_log_multiplier", 0.0707f);
        for (int layer = 0; layer < 27; layer++) {
            attention(c, layer, 0, false);
            if (layer == 0) {
                dense(c, layer);
            } else {
                experts(c, layer, false, 2);
            }
        }
        return c.tensor("lm_head.weight", "output.weight", VOCAB, HIDDEN);
    }

    /** With the queries' own latent vector, groups of experts, and k_b and v_b apart in GGUF. */
    private static FamilySpec v3() {
        FamilySpec c = lengths(start("tiny-deepseek-v3", "deepseek2", 3, "'model_type':'deepseek_v3','n_routed_experts':8,'n_shared_experts':1,"
            + "'num_experts_per_tok':2,'moe_intermediate_size':32,'first_k_dense_replace':1,'norm_topk_prob':true,'scoring_func':'sigmoid','q_lora_rank':48,"
            + "'topk_method':'noaux_tc','n_group':4,'topk_group':2,'routed_scaling_factor':2.5,'rope_scaling':{'type':'yarn','factor':4.0,"
            + "'original_max_position_embeddings':64,'beta_fast':32,'beta_slow':1,'mscale':1.0,'mscale_all_dim':1.0}", 122), true);
        c.key("attention.q_lora_rank", QUERY_RANK).key("leading_dense_block_count", 1).key("expert_count", EXPERTS).key("expert_used_count", 2)
            .key("expert_shared_count", 1).key("expert_feed_forward_length", EXPERT).key("expert_weights_scale", 2.5f).key("expert_weights_norm", true)
            .key("expert_gating_func", 2).key("expert_group_count", 4).key("expert_group_used_count", 2).key("rope.scaling.type", "yarn")
            .key("rope.scaling.factor", 4f).key("rope.scaling.original_context_length", 64).key("rope.scaling.yarn_log_multiplier", 0.1f);
        for (int layer = 0; layer < 3; layer++) {
            attention(c, layer, QUERY_RANK, true);
            if (layer == 0) {
                dense(c, layer);
            } else {
                experts(c, layer, true, 1);
            }
        }
        return c.tensor("lm_head.weight", "output.weight", VOCAB, HIDDEN);
    }

    private static FamilySpec plm() {
        FamilySpec c = lengths(start("tiny-plm", "plm", 2, "'model_type':'plm','hidden_act':'relu2','q_lora_rank':null,'tie_word_embeddings':true", 123), false);
        for (int layer = 0; layer < 2; layer++) {
            attention(c, layer, 0, false);
            c.tensor("model.layers." + layer + ".mlp.up_proj.weight", "blk." + layer + ".ffn_up.weight", WIDE, HIDDEN)
                .tensor("model.layers." + layer + ".mlp.down_proj.weight", "blk." + layer + ".ffn_down.weight", HIDDEN, WIDE);
        }
        return c;
    }
}
