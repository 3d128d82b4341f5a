package dev.crema.lanes;

import dev.crema.build.lanes.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Runs exports of a module in Node, in a memory of whole pages. */
final class WasmRun {
    /** @param args Integer, Long, Float, Double */
    record Call(String export, List<Object> args) {
    }

    /** @param results bits of the results as doubles, or what was thrown */
    record Result(byte[] memory, List<String> results) {
    }

    static final int PAGE = 65536;

    private WasmRun() {
    }

    static Result run(byte[] module, Target target, byte[] memory, List<Call> calls) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("crema-wasm");
        try {
            Files.write(folder.resolve("module.wasm"), module);
            Files.write(folder.resolve("memory.bin"), memory);
            Files.writeString(folder.resolve("calls.json"), "{\"shared\":" + target.memory().shared() + ",\"wide\":" + target.memory().wide()
                + ",\"pages\":" + memory.length / PAGE + ",\"calls\":" + calls.stream().map(WasmRun::json).collect(Collectors.joining(",", "[", "]")) + "}");
            Process process = new ProcessBuilder(node(), "src/test/resources/run-wasm.mjs", folder.toString()).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError("Node ended with status " + process.exitValue() + ":\n" + output);
            }
            return new Result(Files.readAllBytes(folder.resolve("memory-out.bin")), output.lines().toList());
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static String json(Call call) {
        List<String> parts = new ArrayList<>(List.of("\"" + call.export() + "\""));
        for (Object arg : call.args()) {
            String type = switch (arg) {
                case Integer number -> "I";
                case Long number -> "J";
                case Float number -> "F";
                default -> "D";
            };
            parts.add("[\"" + type + "\",\"" + arg + "\"]");
        }
        return parts.stream().collect(Collectors.joining(",", "[", "]"));
    }

    /** The Node that the test packages bring (older ones have no relaxed SIMD), or CREMA_NODE. */
    static String node() {
        String wanted = System.getenv("CREMA_NODE");
        Path bundled = Path.of("../tests/node/node_modules/node24/bin/node");
        return wanted != null && !wanted.isBlank() ? wanted : Files.exists(bundled) ? bundled.toString() : "node";
    }
}
