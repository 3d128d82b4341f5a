/**
 * Constrained output. A {@link dev.crema.grammar.Grammar} comes from GBNF text, a regular expression or a JSON Schema; it is compiled to a
 * {@link dev.crema.grammar.Network} over UTF-8 bytes, which {@link dev.crema.grammar.StateTable} runs as a set of stacks, with every state that
 * was met once kept; {@link dev.crema.grammar.GrammarConstraint} walks the vocabulary ({@link dev.crema.grammar.TokenTrie}) from a state
 * to say which tokens may come. Whatever a request brings is bounded: see {@link dev.crema.grammar.Bounds}.
 */
package dev.crema.grammar;
