/**
 * The OpenAI API over an {@link dev.crema.engine.Engine}: JSON text in, JSON text out, the same in a page and on a server.
 *
 * <p>{@link dev.crema.api.ChatService} takes a request; {@link dev.crema.api.ChatCompletionRequest} and {@link dev.crema.api.CompletionRequest}
 * read it, field by field through {@link dev.crema.api.Fields}; {@link dev.crema.api.ChatCall} and {@link dev.crema.api.CompletionCall} hear
 * the generations and write replies and chunks. Field names and shapes are those of OpenAI's API reference
 * (platform.openai.com/docs/api-reference/chat); what is not supported is refused by name and never ignored.
 */
package dev.crema.api;
