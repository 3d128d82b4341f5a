package dev.crema.chat;

import java.util.ArrayList;
import java.util.List;

/**
 * How a family of models writes tool calls.
 *
 * @param open         what begins calls; where {@link #bare}, a call may also be the whole reply without it
 * @param close        what ends them, or empty
 * @param list         several calls stand in one JSON (or Python) list
 * @param bare         a reply that begins as a call of a tool that there is, is one
 * @param style        how one call is written
 * @param frame        what stands around the name and the arguments of a {@code FRAMED} call, else null
 * @param argumentsKey the member that holds the arguments of a {@code JSON} call
 */
public record ToolForm(String open, String close, boolean list, boolean bare, Style style, Frame frame, String argumentsKey) {
    /** One call: an object with name and arguments; the name and then the arguments as JSON; or parameter by parameter, in three spellings. */
    public enum Style { JSON, FRAMED, XML, ARG_KEYS, PYTHON }

    /**
     * {@code before} name {@code between} arguments {@code after}.
     *
     * @param numbered whether a colon and the number of the call follow the name
     */
    public record Frame(String before, boolean numbered, String between, String after) { }

    /** {@code <tool_call>{"name": ..., "arguments": ...}</tool_call>}: Hermes, Qwen 2.5 and 3, SmolLM3, Granite 4, crema-tiny. */
    public static final ToolForm HERMES = json("<tool_call>", "</tool_call>", false, false, "arguments");
    /** {@code <tool_call><function=name><parameter=key>value</parameter></function></tool_call>}: Qwen 3 Coder and 3.5. */
    public static final ToolForm XML = new ToolForm("<tool_call>", "</tool_call>", false, false, Style.XML, null, "");
    /** {@code <tool_call>name<arg_key>key</arg_key><arg_value>value</arg_value></tool_call>}: GLM 4.5 and later. */
    public static final ToolForm GLM = new ToolForm("<tool_call>", "", false, false, Style.ARG_KEYS, null, "");
    /** {@code [TOOL_CALLS] [{"name": ..., "arguments": ...}]}: Mistral up to its third tokenizer, Nemo. */
    public static final ToolForm MISTRAL = json("[TOOL_CALLS]", "", true, false, "arguments");
    /** {@code [TOOL_CALLS]name[ARGS]{...}}: later Mistral models. */
    public static final ToolForm MISTRAL_NAMED = framed("[TOOL_CALLS]", "", new Frame("", false, "[ARGS]", ""));
    /** {@code {"name": ..., "parameters": ...}}, with or without {@code <|python_tag|>}: Llama 3.1 to 3.3. */
    public static final ToolForm LLAMA = json("<|python_tag|>", "", false, true, "parameters");
    /** {@code [name(key=value), ...]}: Llama 4. */
    public static final ToolForm PYTHONIC = new ToolForm("<|python_start|>", "", true, true, Style.PYTHON, null, "");
    /** {@code <|tool_call_start|>[name(key=value), ...]<|tool_call_end|>}: LFM 2. */
    public static final ToolForm LFM = new ToolForm("<|tool_call_start|>", "<|tool_call_end|>", true, false, Style.PYTHON, null, "");
    /** {@code <|tool_call|>[{...}]<|/tool_call|>}: Phi-4-mini. */
    public static final ToolForm PHI = json("<|tool_call|>", "<|/tool_call|>", true, false, "arguments");
    /** {@code <|tool_call|>[{...}]}: Granite 3. */
    public static final ToolForm GRANITE = json("<|tool_call|>", "", true, false, "arguments");
    /** {@code functools[{...}]}: FireFunction 2. */
    public static final ToolForm FUNCTOOLS = json("functools", "", true, false, "arguments");
    /** {@code <|START_ACTION|>[{"tool_call_id": "0", "tool_name": ..., "parameters": ...}]<|END_ACTION|>}: Command R7B and Command A. */
    public static final ToolForm COMMAND = json("<|START_ACTION|>", "<|END_ACTION|>", true, false, "parameters");
    /** Each call in marks, with the arguments in a block of JSON: DeepSeek V3 and R1. */
    public static final ToolForm DEEPSEEK = framed("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>",
        new Frame("<｜tool▁call▁begin｜>function<｜tool▁sep｜>", false, "\n```json\n", "\n```<｜tool▁call▁end｜>"));
    /** Each call in marks, with the arguments as they are: DeepSeek V3.1. */
    public static final ToolForm DEEPSEEK_PLAIN = framed("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>",
        new Frame("<｜tool▁call▁begin｜>", false, "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"));
    /** {@code <|tool_call_begin|>functions.name:0<|tool_call_argument_begin|>{...}<|tool_call_end|>}: Kimi K2. */
    public static final ToolForm KIMI = framed("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>",
        new Frame("<|tool_call_begin|>functions.", true, "<|tool_call_argument_begin|>", "<|tool_call_end|>"));
    /** A message on the commentary channel to the function: gpt-oss. */
    public static final ToolForm HARMONY = framed("<|channel|>commentary to=functions.", "", new Frame("", false, " <|constrain|>json<|message|>", ""));

    private static ToolForm json(String open, String close, boolean list, boolean bare, String argumentsKey) {
        return new ToolForm(open, close, list, bare, Style.JSON, null, argumentsKey);
    }

    private static ToolForm framed(String open, String close, Frame frame) {
        return new ToolForm(open, close, false, false, Style.FRAMED, frame, "");
    }

    /** The form that the template teaches, or null where it is none of these. */
    public static ToolForm of(String template) {
        if (template.contains(HERMES.open)) {
            return template.contains("<arg_key>") ? GLM : template.contains("<function=") ? XML : HERMES;
        }
        if (template.contains(MISTRAL.open)) {
            return template.contains("[ARGS]") ? MISTRAL_NAMED : MISTRAL;
        }
        if (template.contains(DEEPSEEK.open)) {
            return template.contains("```json") ? DEEPSEEK : DEEPSEEK_PLAIN;
        }
        for (ToolForm form : new ToolForm[] {KIMI, COMMAND, LFM}) {
            if (template.contains(form.open)) {
                return form;
            }
        }
        if (template.contains("<|tool_list_start|>")) {
            return LFM;
        }
        if (template.contains("<|channel|>") && template.contains("to=functions.")) {
            return HARMONY;
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
        if (template.contains("[func_name1(params_name1=params_value1")) {
            return PYTHONIC;
        }
        boolean llama = template.contains(LLAMA.open) || template.contains("\"parameters\": dictionary");
        return llama ? LLAMA : null;
    }

    /** Whether several calls stand between {@link #open} and {@link #close}, so that there is one of each. */
    boolean isSection() {
        return list || style == Style.FRAMED && !close.isEmpty();
    }

    /** Whether free text may stand before calls and is told from them by a mark. */
    public boolean hasMark() {
        return !bare && !replacesAnswer();
    }

    /** Whether a call stands in the place of an answer's mark and not behind it. */
    boolean replacesAnswer() {
        return open.startsWith("<|channel|>");
    }

    /** What tells that a call begins; {@link #open}, or the part of it that is always there: gpt-oss names the receiver before or behind the channel. */
    String mark() {
        return replacesAnswer() ? "to=functions." : open;
    }

    /** What belongs to the mark where it stands before it. */
    String lead() {
        return replacesAnswer() ? "<|channel|>commentary" : "";
    }

    /** The tokens, some of them special, that calls have beside names and arguments. */
    public List<String> tokens() {
        List<String> tokens = new ArrayList<>(List.of(open, close, "[ARGS]", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>", "</tool_call>"));
        if (replacesAnswer()) {
            tokens.addAll(List.of("<|channel|>", "<|constrain|>", "<|message|>"));
        }
        if (frame != null) {
            String marks = frame.before + frame.between + frame.after;
            for (int from = marks.indexOf('<'); from >= 0; from = marks.indexOf('<', from + 1)) {
                tokens.add(marks.substring(from, marks.indexOf('>', from) + 1));
            }
        }
        return tokens;
    }
}
