package dev.crema.jvm.cli;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.jvm.ChatReply;
import dev.crema.jvm.Crema;
import dev.crema.jvm.GenerateOptions;
import dev.crema.jvm.Message;
import dev.crema.jvm.ReplyStream;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The messages of a chat. What no longer fits into the context leaves it from the front, two messages at a time. */
final class Conversation {
    private final GenerateOptions options;
    private final List<Message> messages = new ArrayList<>();
    private String system;
    private int dropped;
    private volatile ReplyStream<ChatReply> current;
    private volatile boolean stopped;

    Conversation(GenerateOptions options, String system) {
        this.options = options;
        this.system = system;
    }

    /**
     * Asks and keeps the reply.
     *
     * @return null where the reply was stopped; what had been said until then stays in the conversation
     */
    ChatReply ask(Crema crema, String question, Consumer<String> onText) {
        messages.add(Message.user(question));
        return answer(crema, onText);
    }

    /** Another reply to the last question; null also where there is none. */
    ChatReply retry(Crema crema, Consumer<String> onText) {
        if (messages.size() < 2) {
            return null;
        }
        messages.removeLast();
        return answer(crema, onText);
    }

    private ChatReply answer(Crema crema, Consumer<String> onText) {
        int question = messages.size() - 1;
        dropped = 0;
        stopped = false;
        while (true) {
            try (ReplyStream<ChatReply> stream = crema.stream(all(), options)) {
                current = stream;
                if (stopped) {
                    stream.close();
                }
                stream.forEachRemaining(onText);
                if (stopped) {
                    keep(stream.text(), question - dropped);
                    return null;
                }
                ChatReply reply = stream.result();
                messages.add(Message.assistant(reply.text()));
                return reply;
            } catch (CremaException e) {
                if (e.code() != ErrorCode.CONTEXT_LENGTH_EXCEEDED || messages.size() < 3) {
                    messages.removeLast();
                    throw e;
                }
                messages.subList(0, 2).clear();
                dropped += 2;
            } finally {
                current = null;
            }
        }
    }

    /** Ends the reply that is being written, if any; from any thread. */
    void stop() {
        stopped = true;
        ReplyStream<ChatReply> stream = current;
        if (stream != null) {
            stream.close();
        }
    }

    private void keep(String partial, int question) {
        if (partial.isEmpty()) {
            messages.remove(question);
        } else {
            messages.add(Message.assistant(partial));
        }
    }

    private List<Message> all() {
        if (system == null || system.isEmpty()) {
            return List.copyOf(messages);
        }
        var all = new ArrayList<Message>();
        all.add(Message.system(system));
        all.addAll(messages);
        return all;
    }

    /** Messages that had to leave for the last reply. */
    int dropped() {
        return dropped;
    }

    boolean canRetry() {
        return messages.size() >= 2;
    }

    String system() {
        return system;
    }

    void setSystem(String text) {
        system = text;
    }

    void reset() {
        messages.clear();
    }
}
