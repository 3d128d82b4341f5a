package dev.crema.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a GGUF architecture is called and built in Hugging Face's terms.
 *
 * @param name        {@code general.architecture}
 * @param modelType   config.json's {@code model_type}
 * @param interleaved whether its converter reorders the rows of q and k so that the pairs to rotate are neighbours
 * @param layers      what the layers' tensors begin with
 * @param outside     names of tensors that are no layer's, GGUF to Hugging Face
 * @param inLayer     names within a layer
 */
public record GgufArchitecture(String name, String modelType, boolean interleaved, String layers, Map<String, String> outside, Map<String, String> inLayer) {
    private static final String[] LLAMA_OUTSIDE = {"token_embd model.embed_tokens", "output_norm model.norm", "output lm_head"};
    private static final String[] LLAMA = {"attn_norm input_layernorm", "attn_q self_attn.q_proj", "attn_k self_attn.k_proj", "attn_v self_attn.v_proj",
        "attn_qkv self_attn.qkv_proj", "attn_output self_attn.o_proj", "attn_q_norm self_attn.q_norm", "attn_k_norm self_attn.k_norm",
        "ffn_norm post_attention_layernorm", "ffn_gate mlp.gate_proj", "ffn_up mlp.up_proj", "ffn_down mlp.down_proj"};
    private static final String[] QWEN_EXPERTS = {"ffn_gate_inp mlp.gate", "ffn_gate_exps mlp.experts.gate_proj", "ffn_up_exps mlp.experts.up_proj",
        "ffn_down_exps mlp.experts.down_proj", "ffn_gate_inp_shexp mlp.shared_expert_gate", "ffn_gate_shexp mlp.shared_expert.gate_proj",
        "ffn_up_shexp mlp.shared_expert.up_proj", "ffn_down_shexp mlp.shared_expert.down_proj"};
    private static final String[] MIXTRAL_EXPERTS = {"ffn_gate_inp block_sparse_moe.gate", "ffn_gate_exps block_sparse_moe.experts.w1",
        "ffn_up_exps block_sparse_moe.experts.w3", "ffn_down_exps block_sparse_moe.experts.w2"};
    private static final String[] LATENT = {"attn_q_a self_attn.q_a_proj", "attn_q_a_norm self_attn.q_a_layernorm", "attn_q_b self_attn.q_b_proj",
        "attn_kv_a_mqa self_attn.kv_a_proj_with_mqa", "attn_kv_a_norm self_attn.kv_a_layernorm", "attn_kv_b self_attn.kv_b_proj",
        "attn_k_b self_attn.k_b_proj", "attn_v_b self_attn.v_b_proj", "ffn_gate_inp mlp.gate", "exp_probs_b mlp.gate.e_score_correction",
        "ffn_gate_exps mlp.experts.gate_proj", "ffn_up_exps mlp.experts.up_proj", "ffn_down_exps mlp.experts.down_proj",
        "ffn_gate_shexp mlp.shared_experts.gate_proj", "ffn_up_shexp mlp.shared_experts.up_proj", "ffn_down_shexp mlp.shared_experts.down_proj"};
    private static final String[] POST_NORMS = {"post_attention_norm post_attention_layernorm", "ffn_norm pre_feedforward_layernorm",
        "post_ffw_norm post_feedforward_layernorm"};

    private static final Map<String, GgufArchitecture> ALL = new LinkedHashMap<>();

    static {
        likeLlama("llama", "llama", true, MIXTRAL_EXPERTS);
        likeLlama("qwen2", "qwen2", false);
        likeLlama("qwen3", "qwen3", false);
        likeLlama("qwen2moe", "qwen2_moe", false, QWEN_EXPERTS);
        likeLlama("qwen3moe", "qwen3_moe", false, QWEN_EXPERTS);
        likeLlama("phi3", "phi3", false, "ffn_up mlp.gate_up_proj");
        likeLlama("smollm3", "smollm3", true);
        likeLlama("granite", "granite", true);
        likeLlama("granitemoe", "granitemoe", true, MIXTRAL_EXPERTS);
        likeLlama("gemma", "gemma", false);
        likeLlama("gemma2", "gemma2", false, POST_NORMS);
        likeLlama("gemma3", "gemma3_text", false, POST_NORMS);
        likeLlama("olmo", "olmo", true);
        likeLlama("olmo2", "olmo2", false, POST_NORMS);
        likeLlama("stablelm", "stablelm", false);
        likeLlama("starcoder2", "starcoder2", false, "ffn_up mlp.c_fc", "ffn_down mlp.c_proj");
        likeLlama("gpt-oss", "gpt_oss", false, POST_NORMS[0], POST_NORMS[1], "attn_sinks self_attn.sinks", "ffn_gate_inp mlp.router",
            "ffn_gate_exps mlp.experts.gate_proj", "ffn_up_exps mlp.experts.up_proj", "ffn_down_exps mlp.experts.down_proj");
        likeLlama("seed_oss", "seed_oss", false, POST_NORMS[0], POST_NORMS[1]);
        likeLlama("ernie4_5", "ernie4_5", false);
        likeLlama("minicpm", "minicpm", true);
        likeLlama("arcee", "arcee", true);
        likeLlama("olmoe", "olmoe", false, QWEN_EXPERTS);
        likeLlama("command-r", "cohere", false);
        likeLlama("cohere2", "cohere2", false);
        likeLlama("deepseek2", "deepseek_v3", false, LATENT);
        likeLlama("plm", "plm", false, LATENT);
        put("phi2", "phi", "model.layers", names(LLAMA_OUTSIDE, "output_norm model.final_layernorm"),
            names(LLAMA, "attn_output self_attn.dense", "ffn_up mlp.fc1", "ffn_down mlp.fc2"));
        put("gptneox", "gpt_neox", "gpt_neox.layers", names(new String[0], "token_embd gpt_neox.embed_in", "output_norm gpt_neox.final_layer_norm",
            "output embed_out"), names(LLAMA, "attn_qkv attention.query_key_value", "attn_output attention.dense", "ffn_up mlp.dense_h_to_4h",
            "ffn_down mlp.dense_4h_to_h"));
        put("falcon", "falcon", "transformer.h", names(new String[0], "token_embd transformer.word_embeddings", "output_norm transformer.ln_f",
            "output lm_head"), names(LLAMA, "attn_norm_2 ln_attn", "attn_qkv self_attention.query_key_value", "attn_output self_attention.dense",
            "ffn_up mlp.dense_h_to_4h", "ffn_down mlp.dense_4h_to_h"));
        String[] bert = {"token_embd embeddings.word_embeddings", "position_embd embeddings.position_embeddings",
            "token_types embeddings.token_type_embeddings", "token_embd_norm embeddings.LayerNorm", "output lm_head"};
        put("bert", "bert", "encoder.layer", names(bert), names(new String[0], "attn_q attention.self.query", "attn_k attention.self.key",
            "attn_v attention.self.value", "attn_qkv attention.qkv", "attn_output attention.output.dense", "attn_output_norm attention.output.LayerNorm",
            "ffn_up intermediate.dense", "ffn_down output.dense", "layer_output_norm output.LayerNorm"));
        put("nomic-bert", "nomic_bert", "encoder.layers", names(bert, "token_embd_norm emb_ln"), names(new String[0], "attn_qkv attn.Wqkv",
            "attn_output attn.out_proj", "attn_output_norm norm1", "ffn_up mlp.fc11", "ffn_gate mlp.fc12", "ffn_down mlp.fc2", "layer_output_norm norm2"));
        put("gpt2", "gpt2", "h", names(new String[0], "token_embd wte", "position_embd wpe", "output_norm ln_f", "output lm_head"),
            names(new String[0], "attn_norm ln_1", "attn_qkv attn.c_attn", "attn_output attn.c_proj", "ffn_norm ln_2", "ffn_up mlp.c_fc",
                "ffn_down mlp.c_proj"));
    }

    private static void likeLlama(String name, String modelType, boolean interleaved, String... more) {
        ALL.put(name, new GgufArchitecture(name, modelType, interleaved, "model.layers", names(LLAMA_OUTSIDE), names(LLAMA, more)));
    }

    private static void put(String name, String modelType, String layers, Map<String, String> outside, Map<String, String> inLayer) {
        ALL.put(name, new GgufArchitecture(name, modelType, false, layers, outside, inLayer));
    }

    /** Pairs of names with a space between; later ones replace earlier ones. */
    private static Map<String, String> names(String[] common, String... more) {
        var names = new HashMap<String, String>();
        for (String[] pairs : new String[][] {common, more}) {
            for (String pair : pairs) {
                int space = pair.indexOf(' ');
                names.put(pair.substring(0, space), pair.substring(space + 1));
            }
        }
        return names;
    }

    /** Null where it is none that we know. */
    public static GgufArchitecture named(String name) {
        return ALL.get(name);
    }

    /** The one whose {@code model_type} this is; Mistral's models are written as llama. Null where it is none that we know. */
    public static GgufArchitecture ofModelType(String modelType) {
        for (GgufArchitecture architecture : ALL.values()) {
            if (architecture.modelType.equals(modelType.equals("mistral") ? "llama" : modelType)) {
                return architecture;
            }
        }
        return null;
    }

    static List<String> all() {
        return new ArrayList<>(ALL.keySet());
    }
}
