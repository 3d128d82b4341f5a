package dev.crema.tokenizer;

/** Adds a merge to the tables of {@link Bpe}. */
final class Merges {
    private Merges() { }

    /** {@code path} names the merge in an error. Of equal merges the first one counts. */
    static void add(Vocabulary vocabulary, String path, int rank, String left, String right, LongIntMap ranks, int[] merged) {
        int leftId = vocabulary.id(left);
        int rightId = vocabulary.id(right);
        merged[rank] = vocabulary.id(left, right);
        if (leftId < 0 || rightId < 0 || merged[rank] < 0) {
            String missing = leftId < 0 ? left : rightId < 0 ? right : left + right;
            throw Fields.invalid(path + " needs the token \"" + missing + "\", which is not in the vocabulary.");
        }
        ranks.putIfAbsent(LongIntMap.pair(leftId, rightId), rank);
    }
}
