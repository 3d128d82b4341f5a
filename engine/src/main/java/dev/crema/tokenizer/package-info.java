/**
 * Text to token ids and back. {@link dev.crema.tokenizer.Tokenizers} reads tokenizer.json or GGUF's keys; both become one
 * {@code TextTokenizer}, which sends a text through
 *
 * <pre>
 *   AddedTokens    special tokens are cut out, longest first; those of users' text only where they are not special
 *   Normalizer     NFC, ▁ for spaces
 *   PreTokenizer   pieces, by hand-written scanners ({@code PreTokenizers} is the table of what is known)
 *   TokenModel     Bpe (ranked merges) or SentencePiece (scores); the loop of both is {@code Merger}
 * </pre>
 *
 * The way back is {@code TokenText} (token to bytes) and {@link dev.crema.tokenizer.TextStream} (bytes to whole characters). What is meant
 * by a letter, a number or a space is in {@code Unicode}, whose tables are generated: no platform's own tables are used.
 */
package dev.crema.tokenizer;
