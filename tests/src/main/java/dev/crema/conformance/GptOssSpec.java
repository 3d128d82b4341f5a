package dev.crema.conformance;

import dev.crema.json.JsonParser;

/** A tiny gpt-oss; its Hugging Face form has the experts as GGUF has them. */
final class GptOssSpec {
    private static final int HIDDEN = 64;
    private static final int EXPERTS = 4;
    private static final int WIDE = 96;

    private GptOssSpec() { }

    static FamilySpec make() {
        var c = new FamilySpec("tiny-gpt-oss", "gpt-oss", 320, JsonParser.parseObject("{\"model_type\":\"gpt_oss\",\"rms_norm_eps\":1e-5,\"sliding_window\":20,"
            + "\"num_local_experts\":4,\"num_experts_per_tok\":2,\"intermediate_size\":96}"), 120);
        c.size("context_length", "max_position_embeddings", 256).size("embedding_length", "hidden_size", HIDDEN).size("block_count", "num_hidden_layers", 3)
            .size("attention.head_count", "num_attention_heads", 4).size("attention.head_count_kv", "num_key_value_heads", 2)
            .size("attention.key_length", "head_dim", 32).key("attention.value_length", 32).key("rope.dimension_count", 32).key("rope.freq_base", 10000f)
            .key("attention.layer_norm_rms_epsilon", 1e-5f).key("attention.sliding_window", 20).key("expert_count", EXPERTS).key("expert_used_count", 2)
            .key("expert_feed_forward_length", WIDE).key("feed_forward_length", WIDE);
        c.tensor("model.embed_tokens.weight", "token_embd.weight", 320, HIDDEN).tensor("model.norm.weight", "output_norm.weight", HIDDEN)
            .tensor("lm_head.weight", "output.weight", 320, HIDDEN);
        for (int layer = 0; layer < 3; layer++) {
            layer(c, "model.layers." + layer + ".", "blk." + layer + ".");
        }
        return c;
    }

    private static void layer(FamilySpec c, String hf, String gguf) {
        c.tensor(hf + "input_layernorm.weight", gguf + "attn_norm.weight", HIDDEN);
        String[][] projections = {{"q_proj", "attn_q", "128", "64"}, {"k_proj", "attn_k", "64", "64"}, {"v_proj", "attn_v", "64", "64"},
            {"o_proj", "attn_output", "64", "128"}};
        for (String[] each : projections) {
            int out = Integer.parseInt(each[2]);
            c.tensor(hf + "self_attn." + each[0] + ".weight", gguf + each[1] + ".weight", out, Integer.parseInt(each[3]))
                .tensor(hf + "self_attn." + each[0] + ".bias", gguf + each[1] + ".bias", out);
        }
        c.tensor(hf + "self_attn.sinks", gguf + "attn_sinks.weight", 4)
            .tensor(hf + "post_attention_layernorm.weight", gguf + "post_attention_norm.weight", HIDDEN)
            .tensor(hf + "mlp.router.weight", gguf + "ffn_gate_inp.weight", EXPERTS, HIDDEN).tensor(hf + "mlp.router.bias", gguf + "ffn_gate_inp.bias", EXPERTS);
        String[][] experts = {{"gate_proj", "ffn_gate_exps"}, {"up_proj", "ffn_up_exps"}, {"down_proj", "ffn_down_exps"}};
        for (String[] each : experts) {
            int out = each[0].startsWith("down") ? HIDDEN : WIDE;
            c.tensor(hf + "mlp.experts." + each[0] + ".weight", gguf + each[1] + ".weight", EXPERTS, out, each[0].startsWith("down") ? WIDE : HIDDEN)
                .tensor(hf + "mlp.experts." + each[0] + ".bias", gguf + each[1] + ".bias", EXPERTS, out);
        }
    }
}
