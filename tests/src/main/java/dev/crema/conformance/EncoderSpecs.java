package dev.crema.conformance;

import dev.crema.json.JsonParser;

import java.util.List;

/** Tiny encoders, one of each kind that the Bert family knows. */
public final class EncoderSpecs {
    private static final int VOCAB = 320;
    private static final int HIDDEN = 64;
    private static final int LAYERS = 2;
    private static final int WIDE = 96;
    private static final int POSITIONS = 64;

    private EncoderSpecs() { }

    public static List<FamilySpec> all() {
        return List.of(bert(), distilBert(), xlmRoberta(), nomic());
    }

    private static FamilySpec start(String name, String architecture, int pooling, String config, long seed, String... sizes) {
        var c = new FamilySpec(name, architecture, VOCAB, JsonParser.parseObject(config.replace('\'', '"')), seed);
        c.size("context_length", sizes[0], POSITIONS).size("embedding_length", sizes[1], HIDDEN).size("feed_forward_length", sizes[2], WIDE)
            .size("block_count", sizes[3], LAYERS).size("attention.head_count", sizes[4], 4).key("attention.layer_norm_epsilon", 1e-5f)
            .key("attention.causal", false).key("pooling_type", pooling).rootKey("tokenizer.ggml.token_type_count", 2);
        return c;
    }

    private static void linear(FamilySpec c, String hf, String gguf, int out, int in) {
        c.tensor(hf + ".weight", gguf + ".weight", out, in).tensor(hf + ".bias", gguf + ".bias", out);
    }

    private static void norm(FamilySpec c, String hf, String gguf) {
        c.tensor(hf + ".weight", gguf + ".weight", HIDDEN).tensor(hf + ".bias", gguf + ".bias", HIDDEN);
    }

    /** {@code names}: q, k, v, output, its norm, up, down, the last norm. */
    private static void layers(FamilySpec c, String prefix, String... names) {
        String[] gguf = {"attn_q", "attn_k", "attn_v", "attn_output", "attn_output_norm", "ffn_up", "ffn_down", "layer_output_norm"};
        for (int layer = 0; layer < LAYERS; layer++) {
            for (int i = 0; i < names.length; i++) {
                String hf = prefix + layer + "." + names[i];
                String to = "blk." + layer + "." + gguf[i];
                if (gguf[i].endsWith("norm")) {
                    norm(c, hf, to);
                } else {
                    linear(c, hf, to, i == 5 ? WIDE : HIDDEN, i == 6 ? WIDE : HIDDEN);
                }
            }
        }
    }

    private static final String[] SIZES = {"max_position_embeddings", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"};
    private static final String[] NAMES = {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
        "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"};

    private static FamilySpec bert() {
        FamilySpec c = start("tiny-bert", "bert", 1, "{'model_type':'bert','layer_norm_eps':1e-5,'hidden_act':'gelu','type_vocab_size':2}", 201, SIZES);
        c.tensor("embeddings.word_embeddings.weight", "token_embd.weight", VOCAB, HIDDEN)
            .tensor("embeddings.position_embeddings.weight", "position_embd.weight", POSITIONS, HIDDEN)
            .tensor("embeddings.token_type_embeddings.weight", "token_types.weight", 2, HIDDEN);
        norm(c, "embeddings.LayerNorm", "token_embd_norm");
        layers(c, "encoder.layer.", NAMES);
        return c;
    }

    private static FamilySpec distilBert() {
        FamilySpec c = start("tiny-distilbert", "bert", 2, "{'model_type':'distilbert','layer_norm_eps':1e-5,'activation':'gelu'}", 202,
            "max_position_embeddings", "dim", "hidden_dim", "n_layers", "n_heads");
        c.tensor("distilbert.embeddings.word_embeddings.weight", "token_embd.weight", VOCAB, HIDDEN)
            .tensor("distilbert.embeddings.position_embeddings.weight", "position_embd.weight", POSITIONS, HIDDEN);
        norm(c, "distilbert.embeddings.LayerNorm", "token_embd_norm");
        layers(c, "distilbert.transformer.layer.", "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1",
            "ffn.lin2", "output_layer_norm");
        return c;
    }

    private static FamilySpec xlmRoberta() {
        FamilySpec c = start("tiny-xlm-roberta", "bert", 2, "{'model_type':'xlm-roberta','layer_norm_eps':1e-5,'hidden_act':'gelu','type_vocab_size':1,"
            + "'pad_token_id':1}", 203, SIZES);
        c.config().put("max_position_embeddings", (long) POSITIONS + 2);
        c.rootKey("tokenizer.ggml.token_type_count", 1);
        c.tensor("roberta.embeddings.word_embeddings.weight", "token_embd.weight", VOCAB, HIDDEN)
            .padded("roberta.embeddings.position_embeddings.weight", "position_embd.weight", POSITIONS, HIDDEN)
            .tensor("roberta.embeddings.token_type_embeddings.weight", "token_types.weight", 1, HIDDEN);
        norm(c, "roberta.embeddings.LayerNorm", "token_embd_norm");
        layers(c, "roberta.encoder.layer.", NAMES);
        return c;
    }

    private static FamilySpec nomic() {
        FamilySpec c = start("tiny-nomic-bert", "nomic-bert", 1, "{'model_type':'nomic_bert','layer_norm_epsilon':1e-5,'type_vocab_size':2,"
            + "'activation_function':'swiglu','rotary_emb_base':1000}", 204, "n_positions", "n_embd", "n_inner", "n_layer", "n_head");
        c.key("rope.freq_base", 1000f).key("rope.dimension_count", HIDDEN / 4);
        c.tensor("embeddings.word_embeddings.weight", "token_embd.weight", VOCAB, HIDDEN)
            .tensor("embeddings.token_type_embeddings.weight", "token_types.weight", 2, HIDDEN);
        norm(c, "emb_ln", "token_embd_norm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String hf = "encoder.layers." + layer + ".";
            String gguf = "blk." + layer + ".";
            c.tensor(hf + "attn.Wqkv.weight", gguf + "attn_qkv.weight", 3 * HIDDEN, HIDDEN).tensor(hf + "attn.out_proj.weight", gguf + "attn_output.weight", HIDDEN, HIDDEN);
            norm(c, hf + "norm1", gguf + "attn_output_norm");
            c.tensor(hf + "mlp.fc11.weight", gguf + "ffn_up.weight", WIDE, HIDDEN).tensor(hf + "mlp.fc12.weight", gguf + "ffn_gate.weight", WIDE, HIDDEN)
                .tensor(hf + "mlp.fc2.weight", gguf + "ffn_down.weight", HIDDEN, WIDE);
            norm(c, hf + "norm2", gguf + "layer_output_norm");
        }
        return c;
    }
}
