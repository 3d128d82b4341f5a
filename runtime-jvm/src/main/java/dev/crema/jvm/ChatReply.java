package dev.crema.jvm;

import dev.crema.json.Json;

/**
 * A whole reply.
 *
 * @param text         what the model said; empty where it only called tools
 * @param finishReason OpenAI's: {@code stop}, {@code length} or {@code tool_calls}
 * @param promptTokens tokens of the rendered conversation, of which {@code cachedTokens} were still in the KV cache
 * @param tokensPerSecond of the reply after its first token; 0 where it has no second one
 * @param toolCalls    as OpenAI spells them; empty for a reply without
 */
public record ChatReply(String text, String finishReason, int promptTokens, int cachedTokens, int completionTokens, double tokensPerSecond,
        Json.Arr toolCalls) {
    /** The text, so that a reply prints as what the model said. */
    @Override
    public String toString() {
        return text;
    }
}
