package dev.crema.tokenizer;

/**
 * A token that is found in a text before anything else happens to it (tokenizer.json's {@code added_tokens}).
 *
 * @param special    a control token: not shown, and not found in what users type
 * @param singleWord only between characters that are not part of a word
 * @param lstrip     takes the white space before it along
 * @param rstrip     takes the white space after it along
 * @param normalized searched in the normalised text, in its own normalised spelling
 */
record AddedToken(int id, String content, boolean special, boolean singleWord, boolean lstrip, boolean rstrip, boolean normalized) {
    static AddedToken plain(int id, String content, boolean special) {
        return new AddedToken(id, content, special, false, false, false, false);
    }
}
