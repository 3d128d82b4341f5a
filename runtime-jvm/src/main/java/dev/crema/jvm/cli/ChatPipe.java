package dev.crema.jvm.cli;

import dev.crema.jvm.Crema;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A chat without a terminal: one message a line, one answer each. Every line is a message; there are no commands, no prompt, no colours. */
final class ChatPipe {
    private final Io io;
    private final Crema crema;
    private final Conversation conversation;

    ChatPipe(Io io, Crema crema, Conversation conversation) {
        this.io = io;
        this.crema = crema;
        this.conversation = conversation;
    }

    void run() throws IOException {
        var lines = new BufferedReader(new InputStreamReader(io.in(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isBlank()) {
                continue;
            }
            conversation.ask(crema, line, io::print);
            io.print("\n");
            if (conversation.dropped() > 0) {
                io.complain("The " + conversation.dropped() + " oldest messages no longer fit into the context and were left out.");
            }
        }
    }
}
