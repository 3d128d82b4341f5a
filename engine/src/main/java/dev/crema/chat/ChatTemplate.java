package dev.crema.chat;

import dev.crema.json.Json;

/** A chat template: messages in OpenAI's form to the text that the model was trained on. Immutable. */
public interface ChatTemplate {
    /**
     * Renders a prompt.
     *
     * @param messages objects with {@code role}, {@code content} (string, or array of parts) and what else the template reads ({@code tool_calls} ...)
     * @param tools    OpenAI tool definitions, or null
     * @param addGenerationPrompt whether to open the assistant's turn
     * @param variables further template variables ({@code enable_thinking} ...), and {@code bos_token}, {@code eos_token} unless the
     *                  template knows them
     * @throws dev.crema.CremaException INVALID_TEMPLATE where the template is wrong, INVALID_REQUEST where it refuses the messages
     */
    String render(Json.Arr messages, Json.Arr tools, boolean addGenerationPrompt, Json.Obj variables);

    /** The template's source. */
    String source();
}
