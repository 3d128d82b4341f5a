package dev.crema.jvm.cli;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.jvm.ChatReply;
import dev.crema.jvm.Crema;
import dev.crema.jvm.files.CacheFolder;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** A chat in a terminal: line editing with history, several lines by a trailing backslash or by pasting, commands that begin with a slash. */
final class ChatTerminal {
    private static final AttributedStyle FAINT = AttributedStyle.DEFAULT.faint();

    private final Conversation conversation;
    private final ModelOptions modelOptions;
    private final ProgressBar progress;
    private final ChatCommands commands = new ChatCommands(this);
    private Terminal terminal;
    private Crema crema;
    private ChatReply lastReply;
    private volatile Cancellation loading = new Cancellation();

    ChatTerminal(Conversation conversation, ModelOptions modelOptions, ProgressBar progress) {
        this.conversation = conversation;
        this.modelOptions = modelOptions;
        this.progress = progress;
    }

    void run(Crema.Loader options) throws IOException {
        // Loading and setting up the terminal take about as long: they run side by side.
        var loader = new FutureTask<>(options::load);
        Thread.ofPlatform().daemon().name("crema-load").start(loader);
        try (Terminal opened = TerminalBuilder.builder().name("crema").system(true).dumb(true).build()) {
            terminal = opened;
            LineReader reader = reader();
            crema = await(loader);
            progress.close();
            terminal.handle(Terminal.Signal.INT, signal -> {
                conversation.stop();
                loading.cancel();
            });
            banner();
            try {
                loop(reader);
            } finally {
                crema.close();
            }
        }
    }

    private static Crema await(FutureTask<Crema> loader) {
        try {
            return loader.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the model was loaded", e);
        }
    }

    private LineReader reader() {
        Path history = CacheFolder.get().resolve("chat-history");
        return LineReaderBuilder.builder().terminal(terminal).appName("crema").parser(new ChatParser()).completer(commands.completer())
            .variable(LineReader.HISTORY_FILE, history).variable(LineReader.HISTORY_SIZE, 1000)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "%{\u001b[2m%}. %{\u001b[0m%}").variable(LineReader.BELL_STYLE, "none")
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true).option(LineReader.Option.BRACKETED_PASTE, true)
            .option(LineReader.Option.HISTORY_REDUCE_BLANKS, false).build();
    }

    private void banner() {
        long bytes = crema.model().checkpoint().tensors().values().stream().mapToLong(tensor -> tensor.bytes().length()).sum();
        long count = crema.model().checkpoint().tensors().values().stream().mapToLong(tensor -> tensor.shape().elements()).sum();
        line(crema.model().id() + ": " + Sizes.count(count).trim() + " parameters, " + Sizes.bytes(bytes) + ", context " + crema.contextLength()
            + " tokens", AttributedStyle.BOLD);
        line("on " + crema.device().kind() + " (" + crema.device().name() + "): " + crema.device().reason(), FAINT);
        line("/help lists the commands, Ctrl-C stops an answer, Ctrl-D leaves.", FAINT);
    }

    private void loop(LineReader reader) {
        String prompt = styled("> ", AttributedStyle.BOLD.foreground(AttributedStyle.YELLOW));
        while (true) {
            final String text;
            try {
                text = ChatParser.joined(reader.readLine(prompt));
            } catch (UserInterruptException e) {
                if (e.getPartialLine().isEmpty()) {
                    line("Ctrl-D or /exit leaves.", FAINT);
                }
                continue;
            } catch (EndOfFileException e) {
                return;
            }
            loading = new Cancellation();
            try {
                if (text.startsWith("/") && commands.isCommand(text)) {
                    if (!commands.run(text)) {
                        return;
                    }
                } else if (!text.isBlank()) {
                    reply(quietly(() -> conversation.ask(crema, text, this::print)));
                }
            } catch (CremaException e) {
                progress.close();
                line("", AttributedStyle.DEFAULT);
                line(e.describe(), AttributedStyle.DEFAULT.foreground(AttributedStyle.RED));
            }
        }
    }

    /** What is typed while the model speaks is kept for the next prompt, and does not show in the middle of its words. */
    private <T> T quietly(Supplier<T> work) {
        Attributes before = terminal.getAttributes();
        var silent = new Attributes(before);
        silent.setLocalFlag(Attributes.LocalFlag.ECHO, false);
        terminal.setAttributes(silent);
        try {
            return work.get();
        } finally {
            terminal.setAttributes(before);
        }
    }

    /** What the model says, without control characters: no reply may move the cursor or set colours. */
    private void print(String delta) {
        var clean = new StringBuilder(delta.length());
        delta.codePoints().filter(c -> c == '\n' || c == '\t' || !Character.isISOControl(c)).forEach(clean::appendCodePoint);
        terminal.writer().print(clean);
        terminal.writer().flush();
    }

    private void reply(ChatReply reply) {
        terminal.writer().println();
        if (reply == null) {
            line("(stopped)", FAINT);
        } else {
            lastReply = reply;
            if (reply.finishReason().equals("length")) {
                line("(cut off: the reply has reached its " + reply.completionTokens() + " tokens)", FAINT);
            }
        }
        if (conversation.dropped() > 0) {
            line("(the " + conversation.dropped() + " oldest messages no longer fit into the context and were left out)", FAINT);
        }
        terminal.writer().flush();
    }

    void retry() {
        if (conversation.canRetry()) {
            reply(quietly(() -> conversation.retry(crema, this::print)));
        } else {
            line("There is nothing to answer again.", FAINT);
        }
    }

    /** Loads another model; the old one stays where that fails. */
    void switchModel(String model) {
        modelOptions.model = model;
        Crema next = modelOptions.loader(progress).cancellation(loading).load();
        progress.close();
        crema.close();
        crema = next;
        conversation.reset();
        lastReply = null;
        banner();
    }

    void line(String text, AttributedStyle style) {
        terminal.writer().println(styled(text, style));
        terminal.writer().flush();
    }

    void note(String text) {
        line(text, FAINT);
    }

    private String styled(String text, AttributedStyle style) {
        return new AttributedStringBuilder().style(style).append(text).toAnsi(terminal);
    }

    Conversation conversation() {
        return conversation;
    }

    Crema crema() {
        return crema;
    }

    /** Null before the first whole reply. */
    ChatReply lastReply() {
        return lastReply;
    }
}
