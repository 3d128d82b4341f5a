package dev.crema.engine;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.chat.ChatTemplate;
import dev.crema.chat.JinjaTemplate;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.json.Json;
import dev.crema.model.Config;
import dev.crema.model.Families;
import dev.crema.model.Weights;
import dev.crema.tokenizer.Tokenizer;
import dev.crema.tokenizer.Tokenizers;

/** Opens a checkpoint as a model. */
final class ModelOpener {
    /** LlamaConfig's max_position_embeddings, for a config that has none. */
    private static final int DEFAULT_CONTEXT_LENGTH = 2048;

    /** A chat template that does not parse: the model still continues text, and a chat says what is wrong. */
    private record BrokenTemplate(String source, CremaException error) implements ChatTemplate {
        @Override
        public String render(Json.Arr messages, Json.Arr tools, boolean addGenerationPrompt, Json.Obj variables) {
            throw new CremaException(error.code(), error.getMessage(), error.hint(), error);
        }
    }

    private ModelOpener() { }

    /** {@code contextLength} 0 takes what the model was trained for; another one is the caller's choice, longer or shorter. */
    static Model awaitOpen(ModelFiles files, String id, int contextLength) {
        return of(Checkpoints.awaitOpen(files), id, contextLength);
    }

    /** The model of a checkpoint that is open. */
    static Model of(Checkpoint checkpoint, String id, int contextLength) {
        var config = new Config(checkpoint.config());
        var weights = new Weights(checkpoint.tensors());
        int length = contextLength > 0 ? contextLength : Families.contextLength(config, DEFAULT_CONTEXT_LENGTH);
        Graph graph = Families.forward(config, weights, length);
        Tokenizer tokenizer = tokenizer(checkpoint);
        checkPositions(graph, length);
        int[] ends = EndTokens.of(checkpoint, tokenizer, graph.logits() == null ? tokenizer.vocabSize() : graph.logits().channels());
        return new Model(id == null ? checkpoint.name() : id, checkpoint, weights, graph, tokenizer, template(checkpoint, tokenizer), length, ends,
            checkpoint.generationConfig());
    }

    /** A table of learned positions can't be left. */
    private static void checkPositions(Graph graph, int length) {
        for (Op op : graph.ops()) {
            if (op instanceof Op.Embed embed && embed.index().kind() == Op.Index.Kind.POSITION) {
                int places = embed.table().shape().extent(0) - embed.index().offset();
                if (length > places) {
                    throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "contextLength", "A context of " + length + " tokens was asked for, and the model "
                        + "has learned " + places + " positions.", "Ask for at most " + places + ".");
                }
            }
        }
    }

    private static Tokenizer tokenizer(Checkpoint checkpoint) {
        if (checkpoint.metadata() != null) {
            return Tokenizers.ofGguf(checkpoint.metadata());
        }
        if (checkpoint.vocabularyFile() != null) {
            return Tokenizers.ofFile(checkpoint.vocabularyFile(), checkpoint.tokenizerConfig());
        }
        if (checkpoint.tokenizerJson() == null) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, checkpoint.name() + " has neither tokenizer.json nor tokenizer.model.",
                "Fetch it too, or convert the tokenizer: AutoTokenizer.from_pretrained(...).save_pretrained(...) writes one.");
        }
        return Tokenizers.ofHuggingFace(checkpoint.tokenizerJson(), checkpoint.tokenizerConfig());
    }

    private static ChatTemplate template(Checkpoint checkpoint, Tokenizer tokenizer) {
        if (checkpoint.chatTemplate() == null) {
            return null;
        }
        try {
            return JinjaTemplate.of(checkpoint.chatTemplate(), text(tokenizer, tokenizer.bos()), text(tokenizer, tokenizer.eos()), Clock.SYSTEM);
        } catch (CremaException e) {
            return new BrokenTemplate(checkpoint.chatTemplate(), e);
        }
    }

    private static String text(Tokenizer tokenizer, int token) {
        return token < 0 ? null : tokenizer.token(token);
    }
}
