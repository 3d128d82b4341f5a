package dev.crema.chat;

/**
 * How a family of models writes tool calls.
 *
 * @param open         what begins calls; where {@link #bare}, a call may also be the whole reply without it
 * @param close        what ends them, or empty
 * @param list         several calls stand in one JSON array
 * @param bare         a reply that is a JSON object with the name of a tool is a call
 * @param named        the name stands before the arguments: {@code name[ARGS]{...}}
 * @param xml          a call is no JSON but {@code <function=name><parameter=key>value</parameter></function>}
 * @param argumentsKey the member that holds the arguments
 */
public record ToolForm(String open, String close, boolean list, boolean bare, boolean named, boolean xml, String argumentsKey) {
    /** {@code <tool_call>{"name": ..., "arguments": ...}</tool_call>}: Hermes, Qwen 2.5 and 3, SmolLM3, Granite 4, crema-tiny. */
    public static final ToolForm HERMES = new ToolForm("<tool_call>", "</tool_call>", false, false, false, false, "arguments");
    /** {@code <tool_call><function=name><parameter=key>value</parameter></function></tool_call>}: Qwen 3 Coder and 3.5. */
    public static final ToolForm XML = new ToolForm("<tool_call>", "</tool_call>", false, false, false, true, "");
    /** {@code [TOOL_CALLS] [{"name": ..., "arguments": ...}]}: Mistral up to its third tokenizer, Nemo. */
    public static final ToolForm MISTRAL = new ToolForm("[TOOL_CALLS]", "", true, false, false, false, "arguments");
    /** {@code [TOOL_CALLS]name[ARGS]{...}}: later Mistral models. */
    public static final ToolForm MISTRAL_NAMED = new ToolForm("[TOOL_CALLS]", "", false, false, true, false, "arguments");
    /** {@code {"name": ..., "parameters": ...}}, with or without {@code <|python_tag|>}: Llama 3.1 to 3.3. */
    public static final ToolForm LLAMA = new ToolForm("<|python_tag|>", "", false, true, false, false, "parameters");
    /** {@code <|tool_call|>[{...}]<|/tool_call|>}: Phi-4-mini. */
    public static final ToolForm PHI = new ToolForm("<|tool_call|>", "<|/tool_call|>", true, false, false, false, "arguments");
    /** {@code <|tool_call|>[{...}]}: Granite 3. */
    public static final ToolForm GRANITE = new ToolForm("<|tool_call|>", "", true, false, false, false, "arguments");

    /** {@code functools[{...}]}: FireFunction 2. */
    public static final ToolForm FUNCTOOLS = new ToolForm("functools", "", true, false, false, false, "arguments");

    /** What ends the name where it is {@link #named}. */
    static final String ARGUMENTS = "[ARGS]";

    /** The form that the template teaches, or null where it is none of these. */
    public static ToolForm of(String template) {
        if (template.contains(HERMES.open)) {
            // GLM 4.5 has the same mark around XML of its own.
            return template.contains("<arg_key>") ? null : template.contains("<function=") ? XML : HERMES;
        }
        if (template.contains(MISTRAL.open)) {
            return template.contains(ARGUMENTS) ? MISTRAL_NAMED : MISTRAL;
        }
        if (template.contains(PHI.close) || template.contains("<|/tool|>")) {
            return PHI;
        }
        if (template.contains(GRANITE.open)) {
            return GRANITE;
        }
        if (template.contains("functools[")) {
            return FUNCTOOLS;
        }
        boolean llama = template.contains(LLAMA.open) || template.contains("\"parameters\": dictionary");
        return llama ? LLAMA : null;
    }
}
