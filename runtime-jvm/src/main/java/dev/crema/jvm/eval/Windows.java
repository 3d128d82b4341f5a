package dev.crema.jvm.eval;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tokenizer.Tokenizer;

import java.util.ArrayList;
import java.util.List;

/** A text as runs of tokens that fit into a context, each behind the begin token where the tokenizer wants one. */
final class Windows {
    private Windows() { }

    /** Runs of {@code length} tokens, the begin token among them; the last may be shorter. INVALID_REQUEST for a text of less than two tokens. */
    static List<int[]> of(String text, Tokenizer tokenizer, int length) {
        int[] tokens = tokenizer.encode(text, Tokenizer.Special.TEXT);
        int prefix = tokenizer.addsBos() && tokenizer.bos() >= 0 ? 1 : 0;
        if (tokens.length + prefix < 2 || length < 2 + prefix) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "A text of " + tokens.length + " tokens in windows of " + length + " has nothing to predict.",
                "Take a longer text.");
        }
        List<int[]> windows = new ArrayList<>();
        for (int start = 0; start < tokens.length; start += length - prefix) {
            int count = Math.min(length - prefix, tokens.length - start);
            int[] window = new int[count + prefix];
            if (prefix == 1) {
                window[0] = tokenizer.bos();
            }
            System.arraycopy(tokens, start, window, prefix, count);
            if (window.length > 1) {
                windows.add(window);
            }
        }
        return windows;
    }
}
