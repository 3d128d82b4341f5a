package dev.crema.jvm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Progress;
import org.jline.reader.EOFError;
import org.jline.reader.Parser;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

class TerminalTextTest {
    @Test
    void writesNumbersForPeople() {
        assertEquals("0 B", Sizes.bytes(0));
        assertEquals("999 B", Sizes.bytes(999));
        assertEquals("1.00 kB", Sizes.bytes(1000));
        assertEquals("5.77 MB", Sizes.bytes(5_771_776));
        assertEquals("26.0 GB", Sizes.bytes(26_000_000_000L));
        assertEquals("2.89 M", Sizes.count(2_885_888));
        assertEquals("99 s", Sizes.duration(99));
        assertEquals("3:05 min", Sizes.duration(185));
        assertEquals("2:03 h", Sizes.duration(7_400));
    }

    @Test
    void drawsProgress() {
        assertEquals("m.gguf   50 % [==========          ] 1.00 MB / 2.00 MB  500 kB/s  2 s left",
            ProgressBar.line("m.gguf", Progress.Phase.DOWNLOAD, 1_000_000, 2_000_000, 500_000));
        assertEquals("m.gguf  1.00 MB  500 kB/s", ProgressBar.line("m.gguf", Progress.Phase.DOWNLOAD, 1_000_000, -1, 500_000));
        assertEquals("compiling   10 % [==                  ] 1 / 10", ProgressBar.line("compiling", Progress.Phase.COMPILE, 1, 10, 3));
    }

    @Test
    void showsNoProgressWithoutATerminal() {
        var out = new ByteArrayOutputStream();
        try (var bar = new ProgressBar(new PrintStream(out, true, StandardCharsets.UTF_8), false)) {
            bar.report(Progress.Phase.OPEN, "waiting", 0, -1);
        }
        assertEquals(0, out.size());
        try (var bar = new ProgressBar(new PrintStream(out, true, StandardCharsets.UTF_8), true)) {
            bar.report(Progress.Phase.OPEN, "waiting", 0, -1);
        }
        assertEquals("\r\u001b[Kwaiting\r\u001b[K", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aBackslashAsksForAnotherLine() {
        var parser = new ChatParser();
        assertThrows(EOFError.class, () -> parser.parse("one\\", 4, Parser.ParseContext.ACCEPT_LINE));
        assertEquals("it's \"fine\" \\ here", parser.parse("it's \"fine\" \\ here", 3, Parser.ParseContext.ACCEPT_LINE).line());
        assertEquals("one\ntwo", ChatParser.joined("one\\\ntwo"));
    }

    @Test
    void tellsCommandsFromMessages() {
        var commands = new ChatCommands(null);
        for (String line : new String[] {"/help", "/system Be brief.", "/model a b", "/exit ", "/unknown"}) {
            assertTrue(commands.isCommand(line), line);
        }
        for (String line : new String[] {"/etc is a folder", "/usr/bin", "/ what", "hello /help"}) {
            assertFalse(commands.isCommand(line), line);
        }
    }
}
