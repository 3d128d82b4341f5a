package dev.crema.jvm.cli;

import dev.crema.engine.EngineStatus;
import dev.crema.jvm.ChatReply;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.utils.AttributedStyle;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The commands of a chat in the terminal. */
final class ChatCommands {
    private static final Map<String, String> HELP = new LinkedHashMap<>();

    static {
        HELP.put("/help", "this list");
        HELP.put("/system", "[text]  set the system message, or show it");
        HELP.put("/reset", "forget the conversation");
        HELP.put("/retry", "answer the last message again");
        HELP.put("/stats", "tokens and times of the last answer");
        HELP.put("/model", "[path or URL]  change the model, or show which one runs");
        HELP.put("/exit", "leave; so does Ctrl-D");
    }

    private final ChatTerminal chat;

    ChatCommands(ChatTerminal chat) {
        this.chat = chat;
    }

    Completer completer() {
        return (reader, line, candidates) -> {
            if (line.line().startsWith("/") || line.line().isEmpty()) {
                HELP.forEach((name, help) -> candidates.add(new Candidate(name, name, null, help, null, null, true)));
            }
        };
    }

    /** A slash alone does not make a command: {@code /etc is a folder} is a message. */
    boolean isCommand(String line) {
        return HELP.containsKey(name(line)) || name(line).equals("/quit") || name(line).matches("/[a-z]+") && line.strip().equals(name(line));
    }

    private static String name(String line) {
        int end = line.indexOf(' ');
        return (end < 0 ? line : line.substring(0, end)).strip();
    }

    /** Runs a command; false to leave the chat. */
    boolean run(String line) {
        String argument = line.substring(Math.min(line.length(), name(line).length())).strip();
        switch (name(line)) {
            case "/help" -> HELP.forEach((name, help) -> chat.line(String.format(Locale.ROOT, "  %-8s %s", name, help), AttributedStyle.DEFAULT));
            case "/system" -> system(argument);
            case "/reset" -> {
                chat.conversation().reset();
                chat.note("The conversation is forgotten.");
            }
            case "/retry" -> chat.retry();
            case "/stats" -> stats();
            case "/model" -> model(argument);
            case "/exit", "/quit" -> {
                return false;
            }
            default -> chat.note("There is no command " + name(line) + "; /help lists them.");
        }
        return true;
    }

    private void system(String text) {
        if (text.isEmpty()) {
            String system = chat.conversation().system();
            chat.note(system == null ? "There is no system message." : system);
        } else {
            chat.conversation().setSystem(text);
            chat.note("The system message is set for what follows; /reset forgets what was said before.");
        }
    }

    private void model(String source) {
        if (source.isEmpty()) {
            chat.note(chat.crema().model().id() + " on " + chat.crema().device().kind());
        } else {
            chat.switchModel(source);
        }
    }

    private void stats() {
        ChatReply reply = chat.lastReply();
        if (reply != null) {
            chat.note(String.format(Locale.ROOT, "last answer: %d tokens, %.1f tokens/s; prompt: %d tokens, %d of them from the cache",
                reply.completionTokens(), reply.tokensPerSecond(), reply.promptTokens(), reply.cachedTokens()));
        }
        EngineStatus status = chat.crema().status();
        chat.note(String.format(Locale.ROOT, "KV cache: %d of %d pages free; context %d tokens; device %s (%s)", status.freeKvPages(),
            status.kvPages(), chat.crema().contextLength(), chat.crema().device().kind(), chat.crema().device().name()));
    }
}
