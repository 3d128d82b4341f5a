package dev.crema.tokenizer;

/**
 * Fills the tables of {@link Bpe}. A line has its two tokens with one space between.
 *
 * @param path   what the list of merges is called in an error
 * @param ranks  pair of ids -> rank
 * @param merged rank -> id of the merged token
 */
record Merges(Vocabulary vocabulary, String path, LongIntMap ranks, int[] merged) {
    /** Reads {@code "left right"}. */
    void add(int rank, String line) {
        int space = line.indexOf(' ');
        if (space < 0 || line.indexOf(' ', space + 1) >= 0) {
            throw Fields.invalid(place(rank) + " is \"" + line + "\", expected two tokens with a space between.");
        }
        add(rank, line, space, line, space + 1);
    }

    /** A merge of two tokens that may have spaces. */
    void add(int rank, String left, String right) {
        add(rank, left, left.length(), right, 0);
    }

    /** Of equal merges the first one counts. */
    private void add(int rank, String left, int leftEnd, String right, int rightStart) {
        int leftId = vocabulary.id(left, 0, leftEnd);
        int rightId = vocabulary.id(right, rightStart, right.length());
        merged[rank] = vocabulary.joinedId(left, leftEnd, right, rightStart);
        if (leftId < 0 || rightId < 0 || merged[rank] < 0) {
            String first = left.substring(0, leftEnd);
            String second = right.substring(rightStart);
            String missing = leftId < 0 ? first : rightId < 0 ? second : first + second;
            throw Fields.invalid(place(rank) + " needs the token \"" + missing + "\", which is not in the vocabulary.");
        }
        ranks.putIfAbsent(LongIntMap.pair(leftId, rightId), rank);
    }

    /** The name of a merge; only made for errors, since there are 280,000 of them. */
    String place(int rank) {
        return path + "[" + rank + "]";
    }
}
