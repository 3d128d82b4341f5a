package dev.crema.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.json.JsonParser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

@Timeout(120)
class CremaTest {
    private static final String HELLO = "Hello! How can I help you?";
    private static final String CHATML = "<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n";
    private static Crema crema;

    static String tiny() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("models/crema-tiny/config.json"))) {
                return at.resolve("models/crema-tiny").toString();
            }
        }
        throw new IllegalStateException("models/crema-tiny is not above " + Path.of("").toAbsolutePath());
    }

    @BeforeAll
    static void load() {
        crema = Crema.load(tiny());
    }

    @AfterAll
    static void close() {
        crema.close();
    }

    private static void awaitIdle() throws InterruptedException {
        for (int i = 0; i < 500 && crema.status().running() > 0; i++) {
            Thread.sleep(10);
        }
        assertEquals(0, crema.status().running());
    }

    @Test
    void chats() {
        ChatReply reply = crema.chat("Hello!");
        assertEquals(HELLO, reply.text());
        assertEquals(HELLO, reply.toString());
        assertEquals("stop", reply.finishReason());
        assertEquals(10, reply.promptTokens());
        assertEquals(8, reply.completionTokens());
        var conversation = List.of(Message.user("My name is Anna."), Message.assistant("Hello Anna!"), Message.user("What is my name?"));
        assertTrue(crema.chat(conversation, GenerateOptions.DEFAULT).text().contains("Anna"));
    }

    @Test
    void streamsPieceByPiece() {
        List<String> pieces = new ArrayList<>();
        ChatReply reply = crema.stream(List.of(Message.user("Hello!")), pieces::add);
        assertTrue(pieces.size() > 3, pieces.toString());
        assertEquals(HELLO, String.join("", pieces));
        assertEquals(HELLO, reply.text());
        try (var stream = crema.stream(List.of(Message.user("Hello!")), GenerateOptions.DEFAULT)) {
            assertEquals(HELLO, stream.stream().reduce("", String::concat));
            assertEquals(HELLO, stream.result().text());
        }
    }

    @Test
    void leavingAStreamEarlyFreesIt() throws InterruptedException {
        try (var stream = crema.streamCompletion("Once upon a time", GenerateOptions.DEFAULT.withTemperature(1).withSeed(3))) {
            stream.next();
        }
        awaitIdle();
        assertThrows(IllegalStateException.class, () -> crema.stream(List.of(Message.user("Hello!")), piece -> {
            throw new IllegalStateException("the reader fails");
        }));
        awaitIdle();
        chats();
    }

    @Test
    void canBeCancelledFromElsewhere() throws InterruptedException {
        var cancellation = new Cancellation();
        var stream = crema.streamCompletion("Once upon a time", GenerateOptions.DEFAULT.withTemperature(1.5).withCancellation(cancellation));
        stream.next();
        cancellation.cancel();
        stream.forEachRemaining(piece -> { });
        assertEquals(ErrorCode.CANCELLED, assertThrows(CremaException.class, stream::result).code());
        awaitIdle();
    }

    @Test
    void completesRawText() {
        Completion completion = crema.complete(CHATML, GenerateOptions.DEFAULT.withMaxTokens(3));
        assertEquals("Hello! How", completion.text());
        assertEquals("length", completion.finishReason());
        assertEquals(List.of(781, 33, 534), java.util.Arrays.stream(completion.tokens()).boxed().toList());
        assertEquals("Hello!", crema.complete(CHATML, GenerateOptions.DEFAULT.withStop(" How")).text());
        var hot = GenerateOptions.DEFAULT.withTemperature(2).withSeed(7).withMaxTokens(30);
        assertEquals(crema.complete("A story:", hot).text(), crema.complete("A story:", hot).text());
    }

    @Test
    void servesManyThreads() {
        var replies = new ArrayList<CompletableFuture<String>>();
        for (int i = 0; i < 16; i++) {
            replies.add(CompletableFuture.supplyAsync(() -> crema.chat("Hello!").text()));
        }
        replies.forEach(reply -> assertEquals(HELLO, reply.join()));
    }

    @Test
    void errorsReachTheCallerAndTheEngineGoesOn() {
        CremaException error = assertThrows(CremaException.class, () -> crema.chat("word ".repeat(2000)));
        assertEquals(ErrorCode.CONTEXT_LENGTH_EXCEEDED, error.code());
        assertTrue(error.getMessage().contains("1024"), error.getMessage());
        assertEquals(ErrorCode.INVALID_REQUEST, assertThrows(CremaException.class, () -> crema.complete("a", GenerateOptions.DEFAULT.withTopP(7))).code());
        assertThrows(CremaException.class, () -> crema.chat(List.of(), GenerateOptions.DEFAULT));
        chats();
    }

    @Test
    void tellsWhatItLoadsAndCloses() {
        List<Progress.Phase> phases = new ArrayList<>();
        Crema other = Crema.loader().model(tiny()).id("mine").device("reference").contextLength(64).parallel(2, 1)
            .progress((phase, what, done, total) -> phases.add(phase)).load();
        assertEquals("mine", other.model().id());
        assertEquals("reference", other.device().kind());
        assertEquals(64, other.contextLength());
        assertTrue(phases.contains(Progress.Phase.UPLOAD) && phases.getLast() == Progress.Phase.READY, phases.toString());
        var running = other.streamCompletion("Once upon a time", GenerateOptions.DEFAULT.withTemperature(1));
        other.close();
        other.close();
        CremaException ended = assertThrows(CremaException.class, running::result);
        assertEquals(ErrorCode.CLOSED, ended.code());
        assertEquals(ErrorCode.CLOSED, assertThrows(CremaException.class, () -> other.chat("Hello!")).code());
    }

    @Test
    void refusesWhatItCantLoad() {
        assertEquals(ErrorCode.INVALID_REQUEST,
            assertThrows(CremaException.class, () -> Crema.loader().model(tiny()).device("abacus").load()).code());
        var cancelled = new Cancellation();
        cancelled.cancel();
        assertEquals(ErrorCode.CANCELLED, assertThrows(CremaException.class, () -> Crema.loader().model(tiny()).cancellation(cancelled).load()).code());
    }

    @Test
    void putsToolCallsTogether() {
        var calls = new dev.crema.json.Json.Arr();
        for (String delta : List.of("[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]",
                "[{\"index\":0,\"function\":{\"arguments\":\"{\\\"x\\\"\"}}]", "[{\"index\":0,\"function\":{\"arguments\":\":1}\"}}]",
                "[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]")) {
            ToolCallDeltas.merge(calls, (dev.crema.json.Json.Arr) JsonParser.parse(delta));
        }
        assertEquals("[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"}},"
            + "{\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]", calls.toString());
    }
}
