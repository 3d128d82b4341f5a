package dev.crema.chat;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.chat.jinja.JinjaError;
import dev.crema.chat.jinja.Template;
import dev.crema.json.Json;

/** A chat template in Jinja, rendered as Hugging Face's {@code apply_chat_template} renders it. */
public final class JinjaTemplate implements ChatTemplate {
    private final Template template;
    private final String bosToken;
    private final String eosToken;
    private final Clock clock;

    private JinjaTemplate(Template template, String bosToken, String eosToken, Clock clock) {
        this.template = template;
        this.bosToken = bosToken;
        this.eosToken = eosToken;
        this.clock = clock;
    }

    /**
     * Parses {@code source}.
     *
     * @param bosToken text of the begin token, or null
     * @param eosToken text of the end token, or null
     * @param clock    what {@code strftime_now} tells
     * @throws CremaException INVALID_TEMPLATE, with line and column
     */
    public static ChatTemplate of(String source, String bosToken, String eosToken, Clock clock) {
        try {
            return new JinjaTemplate(Template.parse(source), bosToken, eosToken, clock);
        } catch (JinjaError error) {
            throw invalid(source, error);
        }
    }

    @Override
    public String render(Json.Arr messages, Json.Arr tools, boolean addGenerationPrompt, Json.Obj variables) {
        var all = new Json.Obj();
        if (bosToken != null) {
            all.put("bos_token", bosToken);
        }
        if (eosToken != null) {
            all.put("eos_token", eosToken);
        }
        all.put("documents", Json.NULL);
        all.members().putAll(variables.members());
        all.put("messages", messages).put("tools", tools == null ? Json.NULL : tools).put("add_generation_prompt", addGenerationPrompt);
        try {
            return template.render(all, clock);
        } catch (JinjaError error) {
            if (error.isRaised()) {
                throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "messages",
                    "The model's chat template refuses these messages: " + error.getMessage(), "Change the messages as it asks.");
            }
            throw invalid(template.source(), error);
        }
    }

    @Override
    public String source() {
        return template.source();
    }

    private static CremaException invalid(String source, JinjaError error) {
        return new CremaException(ErrorCode.INVALID_TEMPLATE, "The chat template fails" + place(source, error.offset()) + ": "
            + error.getMessage() + ".", "Check the model's chat_template.", error);
    }

    /** Line and column, from 1, of an offset into the source with its newlines normalised. */
    private static String place(String source, int offset) {
        if (offset < 0) {
            return "";
        }
        int line = 1;
        int column = 1;
        String text = source.replace("\r\n", "\n");
        for (int i = 0; i < offset && i < text.length(); i++) {
            boolean newline = text.charAt(i) == '\n';
            line += newline ? 1 : 0;
            column = newline ? 1 : column + 1;
        }
        return " at line " + line + ", column " + column;
    }
}
