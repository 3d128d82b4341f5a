/**
 * Jinja as chat templates use it: the language of jinja2 3.1 (jinja.palletsprojects.com/en/3.1.x/templates) with {@code trim_blocks} and
 * {@code lstrip_blocks}, {@code break} and {@code continue}, and the sandbox that Hugging Face's {@code apply_chat_template} sets up.
 *
 * <p>{@link dev.crema.chat.jinja.Lexer} makes tokens, {@link dev.crema.chat.jinja.Parser} {@link dev.crema.chat.jinja.Node nodes}, and
 * {@link dev.crema.chat.jinja.Interpreter} walks them with {@link dev.crema.chat.jinja.Evaluator} for expressions. Where Python shows
 * through (how a list is printed, what {@code title} does), Python is followed. Templates come from strangers: work, memory and
 * nesting are bounded by {@link dev.crema.chat.jinja.Budget}.
 */
package dev.crema.chat.jinja;
