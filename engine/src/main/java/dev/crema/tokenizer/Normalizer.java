package dev.crema.tokenizer;

import java.util.List;

/** Rewrites a text before it is cut into pieces (tokenizer.json's {@code normalizer}). */
interface Normalizer {
    Normalizer NONE = text -> text;

    String normalize(String text);

    /** Puts {@code prefix} before every text that is not empty. */
    record Prepend(String prefix) implements Normalizer {
        @Override
        public String normalize(String text) {
            return text.isEmpty() ? text : prefix + text;
        }
    }

    /** Replaces every occurrence of a string. */
    record Replace(String from, String to) implements Normalizer {
        @Override
        public String normalize(String text) {
            return text.replace(from, to);
        }
    }

    /** One after the other. */
    record Chain(List<Normalizer> steps) implements Normalizer {
        @Override
        public String normalize(String text) {
            String result = text;
            for (Normalizer step : steps) {
                result = step.normalize(result);
            }
            return result;
        }
    }
}
