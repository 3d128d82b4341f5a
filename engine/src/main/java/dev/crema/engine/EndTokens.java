package dev.crema.engine;

import dev.crema.checkpoint.Checkpoint;
import dev.crema.json.Json;
import dev.crema.tokenizer.Tokenizer;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The tokens that end a reply. Checkpoints often name one only, while their chat template ends turns with another. */
final class EndTokens {
    /** Ends of a turn or a text in the vocabularies of ChatML, Llama 3, Phi, Gemma and GPT; llama.cpp looks for the same ones. */
    private static final List<String> NAMES = List.of("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>", "<|end_of_text|>",
        "<|endoftext|>");

    /** In gpt-oss's vocabulary {@code <|end|>} ends a message, of which a reply has several; these end the reply. */
    private static final List<String> HARMONY = List.of("<|return|>", "<|call|>");

    private EndTokens() { }

    /** In ascending order; ids outside the vocabulary are left out. */
    static int[] of(Checkpoint checkpoint, Tokenizer tokenizer, int vocabSize) {
        Set<Integer> ends = new TreeSet<>();
        add(checkpoint.generationConfig().get("eos_token_id"), ends);
        add(checkpoint.config().get("eos_token_id"), ends);
        ends.add(tokenizer.eos());
        boolean harmony = tokenizer.id("<|channel|>") >= 0;
        for (String name : harmony ? HARMONY : NAMES) {
            ends.add(tokenizer.id(name));
        }
        var ids = new int[ends.size()];
        int count = 0;
        for (int id : ends) {
            if (id >= 0 && id < vocabSize) {
                ids[count++] = id;
            }
        }
        return Arrays.copyOf(ids, count);
    }

    /** A number or a list of numbers. */
    private static void add(Json value, Set<Integer> ends) {
        if (value instanceof Json.Arr list) {
            for (Json item : list.items()) {
                add(item, ends);
            }
        } else if (value instanceof Json.Num number && number.isInteger() && number.text().length() < 10) {
            ends.add((int) number.longValue());
        }
    }
}
