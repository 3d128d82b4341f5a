package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.cli.Io;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

@Timeout(120)
class MainTest {
    private static CapturedIo run(int status, String in, String... arguments) {
        var io = new CapturedIo(in);
        assertEquals(status, io.run(arguments), () -> String.join(" ", arguments) + "\n" + io.out() + io.err());
        return io;
    }

    @Test
    void everyCommandExplainsItself() {
        for (String command : List.of("chat", "complete", "inspect", "serve", "demo", "synth")) {
            CapturedIo io = run(0, "", command, "--help");
            assertTrue(io.out().startsWith("Usage: crema " + command), io.out());
            assertEquals("", io.err());
        }
        assertTrue(run(0, "", "--help").out().contains("serve"));
        assertTrue(run(0, "", "help", "serve").out().contains("--api-key-file"));
        assertTrue(run(0, "", "--version").out().contains("crema"));
    }

    @Test
    void wrongUsageEndsWithTwo() {
        for (List<String> arguments : List.of(List.<String>of(), List.of("nonsense"), List.of("complete"), List.of("complete", "a", "--prompt", "b"),
                List.of("complete", "a", "--max-tokens", "0"), List.of("complete", "a", "--max-tokens", "x"), List.of("serve", "--port", "70000"),
                List.of("chat", "m", "--model", "n"), List.of("complete", "a", "--context-length", "-1"), List.of("demo", "--nonsense"),
                List.of("complete", "a", "--kv-type", "q5"), List.of("serve", "--queue", "0"), List.of("serve", "--tls-cert", "x"), List.of("serve", "--idle-unload", "soon"),
                List.of("serve", "--model", "a", "--model", "b", "--model-id", "c"), List.of("serve", "a", "--model", "b"),
                List.of("serve", "--max-loaded", "0"), List.of("serve", "--access-log"), List.of("serve", "--stall-timeout", "0"),
                List.of("synth", "x.gguf"), List.of("synth", "--shape", "abacus", "x.gguf"), List.of("synth", "--shape", "tiny", "--type", "Q9", "x.gguf"),
                List.of("synth", "--shape", "smollm2-135m", "--type", "Q4_K", "x.gguf"),
                List.of("complete", "a", "--model", Tiny.path(), "--device", "abacus"),
                List.of("complete", "a", "--model", Tiny.path(), "--temperature", "-1"))) {
            CapturedIo io = run(2, "", arguments.toArray(String[]::new));
            assertEquals("", io.out());
            assertTrue(io.err().startsWith("crema: ") && io.err().contains("--help"), io.err());
            assertEquals(1, io.err().lines().count(), io.err());
        }
    }

    @Test
    void synthWritesAModelThatRunsOrNothing(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("tiny.gguf");
        assertTrue(run(0, "", "synth", "--shape", "tiny", "--type", "Q8_0", file.toString()).out().contains("1.44 M parameters"));
        assertEquals(List.of(file), list(folder), "nothing is left beside it");
        byte[] first = Files.readAllBytes(file);
        assertTrue(run(2, "", "synth", "--shape", "tiny", file.toString()).err().contains("--force"));
        run(0, "", "synth", "--shape", "tiny", "--type", "Q8_0", "--force", file.toString());
        assertArrayEquals(first, Files.readAllBytes(file));
        var reply = JsonParser.parseObject(run(0, "", "complete", "ab", "--model", file.toString(), "--json", "--temperature", "0", "--max-tokens", "6").out());
        assertEquals(6, ((Json.Arr) reply.get("tokens")).size());
        assertFalse(((Json.Str) reply.get("text")).value().isEmpty());
    }

    private static List<Path> list(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void failuresEndWithOne() {
        for (List<String> arguments : List.of(List.of("inspect", "/no/such/model"), List.of("chat", "/no/such/model"),
                List.of("complete", "a", "--model", "http://127.0.0.1:1/m.gguf"), List.of("serve", "--host", "no.such.host.invalid"),
                List.of("serve", "--api-key-file", "/no/such/file"), List.of("serve", "--models-dir", "/no/such/folder"),
                List.of("serve", "--model", "x=/no/such/model"), List.of("serve", "--model", "x=a", "--model", "x=b"),
                List.of("serve", "--access-log", "/no/such/folder/log"), List.of("synth", "--shape", "tiny", "/no/such/folder/x.gguf"))) {
            CapturedIo io = run(1, "", arguments.toArray(String[]::new));
            assertEquals("", io.out());
            assertTrue(io.err().startsWith("crema: "), io.err());
            assertEquals(1, io.err().lines().count(), io.err());
            assertFalse(io.err().contains("Unexpected"), io.err());
        }
    }

    @Test
    void lostOutputIsAFailure() {
        for (String option : List.of("--json", "--seed=1")) {
            var full = new PrintStream(new OutputStream() {
                @Override
                public void write(int octet) throws IOException {
                    throw new IOException("No space left on device");
                }
            });
            var io = new Io(InputStream.nullInputStream(), full, System.err, false, false, false);
            assertEquals(1, Main.run(io, "complete", "Once", "--max-tokens", "2", "--model", Tiny.path(), option), option);
        }
    }

    @Test
    void completes() {
        String prompt = "<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n";
        CapturedIo plain = run(0, "", "complete", "--model", Tiny.path(), "--prompt", prompt, "--max-tokens", "50");
        assertEquals("Hello! How can I help you?", plain.out());
        assertEquals("", plain.err());
        assertEquals(plain.out(), run(0, "", "complete", prompt, "--model", Tiny.path(), "--temperature", "0").out());
        Json.Obj json = JsonParser.parseObject(run(0, prompt, "complete", "--model", Tiny.path(), "--prompt", "-", "--json", "--max-tokens", "3").out());
        assertEquals("Hello! How", ((Json.Str) json.get("text")).value());
        assertEquals("length", ((Json.Str) json.get("finish_reason")).value());
        assertEquals("[781,33,534]", json.get("tokens").toString());
        assertEquals("3", ((Json.Obj) json.get("timings")).get("predicted_n").toString());
    }

    @Test
    void theCacheMayBeSmaller() {
        String prompt = "<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n";
        for (String format : List.of("F16", "q8_0")) {
            for (String device : List.of("reference", "vector")) {
                CapturedIo io = run(0, "", "complete", prompt, "--model", Tiny.path(), "--device", device, "--kv-type", format, "--max-tokens", "50");
                assertEquals("Hello! How can I help you?", io.out(), device + " " + format);
            }
        }
    }

    @Test
    void sameSeedSameText() {
        String[] arguments = {"complete", "Once upon a time", "--model", Tiny.path(), "--max-tokens", "30", "--temperature", "1.5", "--seed", "42"};
        String first = run(0, "", arguments).out();
        assertEquals(first, run(0, "", arguments).out());
        arguments[arguments.length - 1] = "43";
        assertFalse(first.equals(run(0, "", arguments).out()));
    }

    @Test
    void stopsBeforeAText() {
        String out = run(0, "", "complete", "<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n", "--model", Tiny.path(), "--stop", " can").out();
        assertEquals("Hello! How", out);
    }

    @Test
    void chatsInAPipe() {
        CapturedIo io = run(0, "Hello!\n\nMy name is Anna.\nWhat is my name?\n", "chat", "--model", Tiny.path());
        List<String> answers = io.out().lines().toList();
        assertEquals(3, answers.size(), io.out());
        assertEquals("Hello! How can I help you?", answers.get(0));
        assertTrue(answers.get(2).contains("Anna"), io.out());
        assertFalse(io.out().contains("\u001b"));
        assertEquals("", io.err());
    }

    @Test
    void aLongChatForgetsItsBeginning() {
        CapturedIo io = run(0, "My name is Anna.\n".repeat(12), "chat", "--model", Tiny.path(), "--context-length", "100");
        assertEquals(12, io.out().lines().count(), io.out());
        assertTrue(io.err().contains("oldest messages"), io.err());
    }

    @Test
    void inspects() {
        String text = run(0, "", "inspect", Tiny.path()).out();
        for (String expected : List.of("llama", "2885888", "F16", "1024", "BPE", "<|im_end|> (2046)", "yes")) {
            assertTrue(text.contains(expected), expected + " in\n" + text);
        }
        assertFalse(text.contains("model.embed_tokens.weight"));
        assertTrue(run(0, "", "inspect", "--tensors", Path.of(Tiny.path(), "model.safetensors").toString()).out().contains("model.embed_tokens.weight"));
        Json.Obj json = JsonParser.parseObject(run(0, "", "inspect", "--json", "--model", Tiny.path()).out());
        assertEquals("2885888", ((Json.Obj) json.get("weights")).get("parameters").toString());
        assertEquals("llama", ((Json.Str) ((Json.Obj) json.get("config")).get("model_type")).value());
    }
}
