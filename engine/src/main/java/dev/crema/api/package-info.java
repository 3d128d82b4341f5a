/**
 * The OpenAI API over an {@link dev.crema.engine.Engine}: JSON text in, JSON text out, the same in a page and on a server.
 *
 * <p>{@link dev.crema.api.Routes} lists the endpoints and {@link dev.crema.api.ChatService} takes a request. One class reads it, field by field through
 * {@link dev.crema.api.Fields} ({@link dev.crema.api.ChatCompletionRequest}, {@link dev.crema.api.CompletionRequest}, {@link dev.crema.api.ResponsesRequest},
 * {@link dev.crema.api.EmbeddingsRequest}), another hears what the engine makes of it and writes the reply or its chunks ({@link dev.crema.api.ChatCall},
 * {@link dev.crema.api.CompletionCall}, {@link dev.crema.api.ResponseWriter} over the chunks of a chat, {@link dev.crema.api.EmbeddingsReply}). What needs no
 * step of the model is answered at once ({@link dev.crema.api.TokenService}). An endpoint more, a ranking of documents for one, is a route, a
 * request, a reply, and a job of the engine's passes over whole texts.
 *
 * <p>Field names and shapes are those of OpenAI's API reference (platform.openai.com/docs/api-reference); what is not supported is refused by name
 * and never ignored. {@code docs/api.md} says it field by field.
 */
package dev.crema.api;
