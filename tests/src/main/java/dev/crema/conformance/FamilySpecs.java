package dev.crema.conformance;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.ArrayList;
import java.util.List;

/** A tiny model of every architecture that is not built just like Llama; their goldens come from llama.cpp. */
public final class FamilySpecs {
    private static final int VOCAB = 320;
    static final int HIDDEN = 64;
    static final int LAYERS = 2;
    static final int HEADS = 4;
    static final int DIM = 16;
    static final int WIDE = 96;

    private FamilySpecs() { }

    public static List<FamilySpec> all() {
        var all = new ArrayList<>(List.of(gemma(), gemma2(), gemma3(), Phi3Specs.plain(), Phi3Specs.beyond(), Phi3Specs.within(), smolLm3(), granite(), mixtral(), qwen2Moe(), qwen3Moe(), olmo(), olmo2(), phi(), stableLm(),
            starCoder2(), gptNeoX(), falcon7(), falcon40(), gpt2(), GptOssSpec.make()));
        all.addAll(LlamaKinSpecs.all());
        all.addAll(LatentSpecs.all());
        return all;
    }

    private static Json.Obj json(String text) {
        return JsonParser.parseObject(text.replace('\'', '"'));
    }

    /** Sizes in the usual keys, the embedding and the norm at the end. */
    static FamilySpec start(String name, String architecture, int layers, int kvHeads, int dim, String config, long seed) {
        var c = new FamilySpec(name, architecture, VOCAB, json(config), seed);
        c.size("context_length", "max_position_embeddings", 256).size("embedding_length", "hidden_size", HIDDEN)
            .size("feed_forward_length", "intermediate_size", WIDE).size("block_count", "num_hidden_layers", layers)
            .size("attention.head_count", "num_attention_heads", HEADS).size("attention.head_count_kv", "num_key_value_heads", kvHeads)
            .key("attention.key_length", dim).key("attention.value_length", dim).key("rope.dimension_count", dim).key("rope.freq_base", 10000f);
        if (dim != HIDDEN / HEADS) {
            c.size("attention.key_length", "head_dim", dim);
        }
        return c;
    }

    static FamilySpec rms(FamilySpec c) {
        return c.key("attention.layer_norm_rms_epsilon", 1e-5f);
    }

    static FamilySpec layerNorm(FamilySpec c) {
        return c.key("attention.layer_norm_epsilon", 1e-5f);
    }

    static FamilySpec llamaEnds(FamilySpec c, boolean tied) {
        c.tensor("model.embed_tokens.weight", "token_embd.weight", VOCAB, HIDDEN).tensor("model.norm.weight", "output_norm.weight", HIDDEN);
        return tied ? c : c.tensor("lm_head.weight", "output.weight", VOCAB, HIDDEN);
    }

    static void qkv(FamilySpec c, String hf, String gguf, int kvHeads, int dim, boolean neighbours, boolean bias) {
        for (String[] each : new String[][] {{"q", HEADS + ""}, {"k", kvHeads + ""}, {"v", kvHeads + ""}}) {
            int rows = Integer.parseInt(each[1]) * dim;
            String from = hf + "self_attn." + each[0] + "_proj.";
            String to = gguf + "attn_" + each[0] + ".";
            if (neighbours && !each[0].equals("v")) {
                c.neighbours(from + "weight", to + "weight", dim, rows, HIDDEN);
            } else {
                c.tensor(from + "weight", to + "weight", rows, HIDDEN);
            }
            if (bias) {
                c.tensor(from + "bias", to + "bias", rows);
            }
        }
        linear(c, hf + "self_attn.o_proj", gguf + "attn_output", HIDDEN, HEADS * dim, false);
    }

    static void linear(FamilySpec c, String hf, String gguf, int out, int in, boolean bias) {
        c.tensor(hf + ".weight", gguf + ".weight", out, in);
        if (bias) {
            c.tensor(hf + ".bias", gguf + ".bias", out);
        }
    }

    static void norm(FamilySpec c, String hf, String gguf, boolean bias) {
        c.tensor(hf + ".weight", gguf + ".weight", HIDDEN);
        if (bias) {
            c.tensor(hf + ".bias", gguf + ".bias", HIDDEN);
        }
    }

    static void gatedMlp(FamilySpec c, String hf, String gguf) {
        linear(c, hf + "mlp.gate_proj", gguf + "ffn_gate", WIDE, HIDDEN, false);
        linear(c, hf + "mlp.up_proj", gguf + "ffn_up", WIDE, HIDDEN, false);
        linear(c, hf + "mlp.down_proj", gguf + "ffn_down", HIDDEN, WIDE, false);
    }

    private static void plainMlp(FamilySpec c, String up, String down, String gguf) {
        linear(c, up, gguf + "ffn_up", WIDE, HIDDEN, true);
        linear(c, down, gguf + "ffn_down", HIDDEN, WIDE, true);
    }

    private static FamilySpec gemma(String name, String architecture, String config, int layers, int dim, boolean postNorms, boolean headNorms, long seed) {
        FamilySpec c = rms(start(name, architecture, layers, 2, dim, config, seed)).embeddingScale(0.06);
        c.tensor("model.embed_tokens.weight", "token_embd.weight", VOCAB, HIDDEN).plusOne("model.norm.weight", "output_norm.weight", HIDDEN);
        for (int layer = 0; layer < layers; layer++) {
            String hf = "model.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            c.plusOne(hf + "input_layernorm.weight", gguf + "attn_norm.weight", HIDDEN);
            qkv(c, hf, gguf, 2, dim, false, false);
            if (headNorms) {
                c.plusOne(hf + "self_attn.q_norm.weight", gguf + "attn_q_norm.weight", dim).plusOne(hf + "self_attn.k_norm.weight", gguf + "attn_k_norm.weight", dim);
            }
            if (postNorms) {
                c.plusOne(hf + "post_attention_layernorm.weight", gguf + "post_attention_norm.weight", HIDDEN)
                    .plusOne(hf + "pre_feedforward_layernorm.weight", gguf + "ffn_norm.weight", HIDDEN)
                    .plusOne(hf + "post_feedforward_layernorm.weight", gguf + "post_ffw_norm.weight", HIDDEN);
            } else {
                c.plusOne(hf + "post_attention_layernorm.weight", gguf + "ffn_norm.weight", HIDDEN);
            }
            gatedMlp(c, hf, gguf);
        }
        return c;
    }

    private static FamilySpec gemma() {
        return gemma("tiny-gemma", "gemma", "{'model_type':'gemma','hidden_act':'gelu','rms_norm_eps':1e-5}", 2, 32, false, false, 101);
    }

    private static FamilySpec gemma2() {
        return gemma("tiny-gemma2", "gemma2", "{'model_type':'gemma2','hidden_activation':'gelu_pytorch_tanh','rms_norm_eps':1e-5,'sliding_window':20,"
            + "'query_pre_attn_scalar':32,'attn_logit_softcapping':5.0,'final_logit_softcapping':8.0}", 3, 32, true, false, 102)
            .key("attention.sliding_window", 20).key("attn_logit_softcapping", 5f).key("final_logit_softcapping", 8f);
    }

    private static FamilySpec gemma3() {
        return gemma("tiny-gemma3", "gemma3", "{'model_type':'gemma3_text','hidden_activation':'gelu_pytorch_tanh','rms_norm_eps':1e-5,'sliding_window':20,"
            + "'query_pre_attn_scalar':32,'rope_theta':1000000.0,'rope_local_base_freq':10000.0,'rope_scaling':{'rope_type':'linear','factor':8.0}}", 6, 32, true,
            true, 103).key("attention.sliding_window", 20).key("rope.freq_base", 1000000f).key("rope.scaling.type", "linear").key("rope.scaling.factor", 8f);
    }

    private static FamilySpec smolLm3() {
        FamilySpec c = rms(llamaEnds(start("tiny-smollm3", "smollm3", 4, 2, DIM, "{'model_type':'smollm3','rms_norm_eps':1e-5,'no_rope_layers':[1,1,1,0]}", 105), true));
        for (int layer = 0; layer < 4; layer++) {
            llamaLayer(c, layer, true, false);
        }
        return c;
    }

    static void llamaLayer(FamilySpec c, int layer, boolean neighbours, boolean experts) {
        String hf = "model.layers." + layer + ".";
        String gguf = "blk." + layer + ".";
        norm(c, hf + "input_layernorm", gguf + "attn_norm", false);
        qkv(c, hf, gguf, 2, DIM, neighbours, false);
        norm(c, hf + "post_attention_layernorm", gguf + "ffn_norm", false);
        if (!experts) {
            gatedMlp(c, hf, gguf);
        }
    }

    private static FamilySpec granite() {
        FamilySpec c = rms(llamaEnds(start("tiny-granite", "granite", LAYERS, 2, DIM, "{'model_type':'granite','rms_norm_eps':1e-5,'embedding_multiplier':3.0,"
            + "'residual_multiplier':0.5,'attention_multiplier':0.125,'logits_scaling':2.0,'tie_word_embeddings':true}", 106), true));
        c.embeddingScale(0.1).key("embedding_scale", 3f).key("residual_scale", 0.5f).key("attention.scale", 0.125f).key("logit_scale", 2f);
        for (int layer = 0; layer < LAYERS; layer++) {
            llamaLayer(c, layer, true, false);
        }
        return c;
    }

    private static FamilySpec experts(FamilySpec c, int count, int used) {
        return c.key("expert_count", count).key("expert_used_count", used);
    }

    private static FamilySpec mixtral() {
        FamilySpec c = rms(llamaEnds(start("tiny-mixtral", "llama", LAYERS, 2, DIM, "{'model_type':'mixtral','rms_norm_eps':1e-5,'num_local_experts':4,"
            + "'num_experts_per_tok':2}", 107), false));
        experts(c, 4, 2);
        for (int layer = 0; layer < LAYERS; layer++) {
            llamaLayer(c, layer, true, true);
            String hf = "model.layers." + layer + ".block_sparse_moe.";
            String gguf = "blk." + layer + ".";
            c.tensor(hf + "gate.weight", gguf + "ffn_gate_inp.weight", 4, HIDDEN).stacked(hf + "experts.*.w1.weight", gguf + "ffn_gate_exps.weight", 4, WIDE, HIDDEN)
                .stacked(hf + "experts.*.w3.weight", gguf + "ffn_up_exps.weight", 4, WIDE, HIDDEN)
                .stacked(hf + "experts.*.w2.weight", gguf + "ffn_down_exps.weight", 4, HIDDEN, WIDE);
        }
        return c;
    }

    static void qwenExperts(FamilySpec c, int layer, int size) {
        String hf = "model.layers." + layer + ".mlp.";
        String gguf = "blk." + layer + ".";
        c.tensor(hf + "gate.weight", gguf + "ffn_gate_inp.weight", 8, HIDDEN)
            .stacked(hf + "experts.*.gate_proj.weight", gguf + "ffn_gate_exps.weight", 8, size, HIDDEN)
            .stacked(hf + "experts.*.up_proj.weight", gguf + "ffn_up_exps.weight", 8, size, HIDDEN)
            .stacked(hf + "experts.*.down_proj.weight", gguf + "ffn_down_exps.weight", 8, HIDDEN, size);
    }

    private static FamilySpec qwen2Moe() {
        FamilySpec c = rms(llamaEnds(start("tiny-qwen2moe", "qwen2moe", LAYERS, 2, DIM, "{'model_type':'qwen2_moe','rms_norm_eps':1e-5,'num_experts':8,"
            + "'num_experts_per_tok':3,'moe_intermediate_size':32,'shared_expert_intermediate_size':64,'norm_topk_prob':false}", 108), false));
        experts(c, 8, 3).key("expert_feed_forward_length", 32).key("expert_shared_feed_forward_length", 64);
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "model.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            norm(c, hf + "input_layernorm", gguf + "attn_norm", false);
            qkv(c, hf, gguf, 2, DIM, false, true);
            norm(c, hf + "post_attention_layernorm", gguf + "ffn_norm", false);
            qwenExperts(c, layer, 32);
            // GGUF has the one row of this gate as a vector.
            c.tensor(hf + "mlp.shared_expert_gate.weight", gguf + "ffn_gate_inp_shexp.weight", HIDDEN);
            linear(c, hf + "mlp.shared_expert.gate_proj", gguf + "ffn_gate_shexp", 64, HIDDEN, false);
            linear(c, hf + "mlp.shared_expert.up_proj", gguf + "ffn_up_shexp", 64, HIDDEN, false);
            linear(c, hf + "mlp.shared_expert.down_proj", gguf + "ffn_down_shexp", HIDDEN, 64, false);
        }
        return c;
    }

    private static FamilySpec qwen3Moe() {
        FamilySpec c = rms(llamaEnds(start("tiny-qwen3moe", "qwen3moe", LAYERS, 2, 32, "{'model_type':'qwen3_moe','rms_norm_eps':1e-5,'num_experts':8,"
            + "'num_experts_per_tok':2,'moe_intermediate_size':32,'norm_topk_prob':true}", 109), false));
        experts(c, 8, 2).key("expert_feed_forward_length", 32);
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "model.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            norm(c, hf + "input_layernorm", gguf + "attn_norm", false);
            qkv(c, hf, gguf, 2, 32, false, false);
            c.tensor(hf + "self_attn.q_norm.weight", gguf + "attn_q_norm.weight", 32).tensor(hf + "self_attn.k_norm.weight", gguf + "attn_k_norm.weight", 32);
            norm(c, hf + "post_attention_layernorm", gguf + "ffn_norm", false);
            qwenExperts(c, layer, 32);
        }
        return c;
    }

    private static FamilySpec olmo() {
        FamilySpec c = layerNorm(start("tiny-olmo", "olmo", LAYERS, 2, DIM, "{'model_type':'olmo','clip_qkv':null}", 110));
        c.tensor("model.embed_tokens.weight", "token_embd.weight", VOCAB, HIDDEN).tensor("lm_head.weight", "output.weight", VOCAB, HIDDEN);
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "model.layers." + layer + ".";
            qkv(c, hf, "blk." + layer + ".", 2, DIM, true, false);
            gatedMlp(c, hf, "blk." + layer + ".");
        }
        return c;
    }

    private static FamilySpec olmo2() {
        FamilySpec c = rms(llamaEnds(start("tiny-olmo2", "olmo2", LAYERS, 2, DIM, "{'model_type':'olmo2','rms_norm_eps':1e-5}", 111), false));
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "model.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            qkv(c, hf, gguf, 2, DIM, false, false);
            c.tensor(hf + "self_attn.q_norm.weight", gguf + "attn_q_norm.weight", HIDDEN).tensor(hf + "self_attn.k_norm.weight", gguf + "attn_k_norm.weight", 2 * DIM);
            norm(c, hf + "post_attention_layernorm", gguf + "post_attention_norm", false);
            norm(c, hf + "post_feedforward_layernorm", gguf + "post_ffw_norm", false);
            gatedMlp(c, hf, gguf);
        }
        return c;
    }

    private static FamilySpec phi() {
        FamilySpec c = layerNorm(start("tiny-phi", "phi2", LAYERS, HEADS, DIM, "{'model_type':'phi','layer_norm_eps':1e-5,'hidden_act':'gelu_new',"
            + "'partial_rotary_factor':0.5}", 112)).key("rope.dimension_count", 8);
        c.tensor("model.embed_tokens.weight", "token_embd.weight", VOCAB, HIDDEN);
        norm(c, "model.final_layernorm", "output_norm", true);
        linear(c, "lm_head", "output", VOCAB, HIDDEN, true);
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "model.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            norm(c, hf + "input_layernorm", gguf + "attn_norm", true);
            for (String each : new String[] {"q", "k", "v"}) {
                linear(c, hf + "self_attn." + each + "_proj", gguf + "attn_" + each, HIDDEN, HIDDEN, true);
            }
            linear(c, hf + "self_attn.dense", gguf + "attn_output", HIDDEN, HIDDEN, true);
            plainMlp(c, hf + "mlp.fc1", hf + "mlp.fc2", gguf);
        }
        return c;
    }

    private static FamilySpec stableLm() {
        FamilySpec c = layerNorm(start("tiny-stablelm", "stablelm", LAYERS, 2, DIM, "{'model_type':'stablelm','layer_norm_eps':1e-5,'partial_rotary_factor':0.25,"
            + "'use_parallel_residual':false}", 113)).key("rope.dimension_count", 4).key("use_parallel_residual", false);
        c.tensor("model.embed_tokens.weight", "token_embd.weight", VOCAB, HIDDEN).tensor("lm_head.weight", "output.weight", VOCAB, HIDDEN);
        norm(c, "model.norm", "output_norm", true);
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "model.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            norm(c, hf + "input_layernorm", gguf + "attn_norm", true);
            qkv(c, hf, gguf, 2, DIM, false, true);
            norm(c, hf + "post_attention_layernorm", gguf + "ffn_norm", true);
            gatedMlp(c, hf, gguf);
        }
        return c;
    }

    private static FamilySpec starCoder2() {
        FamilySpec c = layerNorm(start("tiny-starcoder2", "starcoder2", LAYERS, 2, DIM, "{'model_type':'starcoder2','norm_epsilon':1e-5,"
            + "'hidden_act':'gelu_pytorch_tanh'}", 114));
        c.tensor("model.embed_tokens.weight", "token_embd.weight", VOCAB, HIDDEN);
        norm(c, "model.norm", "output_norm", true);
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "model.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            norm(c, hf + "input_layernorm", gguf + "attn_norm", true);
            qkv(c, hf, gguf, 2, DIM, false, true);
            c.tensor(hf + "self_attn.o_proj.bias", gguf + "attn_output.bias", HIDDEN);
            norm(c, hf + "post_attention_layernorm", gguf + "ffn_norm", true);
            plainMlp(c, hf + "mlp.c_fc", hf + "mlp.c_proj", gguf);
        }
        return c;
    }

    private static FamilySpec gptNeoX() {
        FamilySpec c = layerNorm(start("tiny-gptneox", "gptneox", LAYERS, HEADS, DIM, "{'model_type':'gpt_neox','layer_norm_eps':1e-5,'hidden_act':'gelu',"
            + "'rotary_pct':0.25,'rotary_emb_base':10000,'use_parallel_residual':true}", 115)).key("rope.dimension_count", 4).key("use_parallel_residual", true);
        c.tensor("gpt_neox.embed_in.weight", "token_embd.weight", VOCAB, HIDDEN).tensor("embed_out.weight", "output.weight", VOCAB, HIDDEN);
        norm(c, "gpt_neox.final_layer_norm", "output_norm", true);
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "gpt_neox.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            norm(c, hf + "input_layernorm", gguf + "attn_norm", true);
            c.byHead(hf + "attention.query_key_value.weight", gguf + "attn_qkv.weight", DIM, 1, 3 * HIDDEN, HIDDEN)
                .byHead(hf + "attention.query_key_value.bias", gguf + "attn_qkv.bias", DIM, 1, 3 * HIDDEN);
            linear(c, hf + "attention.dense", gguf + "attn_output", HIDDEN, HIDDEN, true);
            norm(c, hf + "post_attention_layernorm", gguf + "ffn_norm", true);
            plainMlp(c, hf + "mlp.dense_h_to_4h", hf + "mlp.dense_4h_to_h", gguf);
        }
        return c;
    }

    private static FamilySpec falcon(String name, int kvHeads, String config, long seed) {
        FamilySpec c = layerNorm(start(name, "falcon", LAYERS, kvHeads, DIM, "{'model_type':'falcon','layer_norm_epsilon':1e-5,'parallel_attn':true,"
            + "'bias':false,'alibi':false,'ffn_hidden_size':96," + config + "}", seed));
        c.tensor("transformer.word_embeddings.weight", "token_embd.weight", VOCAB, HIDDEN).tensor("lm_head.weight", "output.weight", VOCAB, HIDDEN);
        norm(c, "transformer.ln_f", "output_norm", true);
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "transformer.h." + layer + ".";
            String gguf = "blk." + layer + ".";
            norm(c, hf + (kvHeads > 1 ? "ln_mlp" : "input_layernorm"), gguf + "attn_norm", true);
            if (kvHeads > 1) {
                norm(c, hf + "ln_attn", gguf + "attn_norm_2", true);
            }
            c.byHead(hf + "self_attention.query_key_value.weight", gguf + "attn_qkv.weight", DIM, HEADS / kvHeads, (HEADS + 2 * kvHeads) * DIM, HIDDEN);
            linear(c, hf + "self_attention.dense", gguf + "attn_output", HIDDEN, HIDDEN, false);
            linear(c, hf + "mlp.dense_h_to_4h", gguf + "ffn_up", WIDE, HIDDEN, false);
            linear(c, hf + "mlp.dense_4h_to_h", gguf + "ffn_down", HIDDEN, WIDE, false);
        }
        return c;
    }

    private static FamilySpec falcon7() {
        return falcon("tiny-falcon-7b", 1, "'multi_query':true,'new_decoder_architecture':false,'tie_word_embeddings':false", 116);
    }

    private static FamilySpec falcon40() {
        return falcon("tiny-falcon-40b", 2, "'num_kv_heads':2,'new_decoder_architecture':true,'tie_word_embeddings':false", 117);
    }

    private static FamilySpec gpt2() {
        var c = layerNorm(new FamilySpec("tiny-gpt2", "gpt2", VOCAB, json("{'model_type':'gpt2','layer_norm_epsilon':1e-5,'activation_function':'gelu_new'}"), 119));
        c.size("context_length", "n_positions", 256).size("embedding_length", "n_embd", HIDDEN).size("feed_forward_length", "n_inner", WIDE)
            .size("block_count", "n_layer", LAYERS).size("attention.head_count", "n_head", HEADS);
        c.tensor("wte.weight", "token_embd.weight", VOCAB, HIDDEN).tensor("wpe.weight", "position_embd.weight", 256, HIDDEN);
        norm(c, "ln_f", "output_norm", true);
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "h." + layer + ".";
            String gguf = "blk." + layer + ".";
            norm(c, hf + "ln_1", gguf + "attn_norm", true);
            turned(c, hf + "attn.c_attn", gguf + "attn_qkv", 3 * HIDDEN, HIDDEN);
            turned(c, hf + "attn.c_proj", gguf + "attn_output", HIDDEN, HIDDEN);
            norm(c, hf + "ln_2", gguf + "ffn_norm", true);
            turned(c, hf + "mlp.c_fc", gguf + "ffn_up", WIDE, HIDDEN);
            turned(c, hf + "mlp.c_proj", gguf + "ffn_down", HIDDEN, WIDE);
        }
        return c;
    }

    private static void turned(FamilySpec c, String hf, String gguf, int out, int in) {
        c.turned(hf + ".weight", gguf + ".weight", out, in).tensor(hf + ".bias", gguf + ".bias", out);
    }
}
