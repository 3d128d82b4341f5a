package dev.crema.build.wasm;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.teavm.backend.wasm.generate.strings.WasmGCStringConstant;
import org.teavm.backend.wasm.generate.strings.WasmGCStringProvider;
import org.teavm.backend.wasm.intrinsics.WasmGCCodeGenContext;
import org.teavm.backend.wasm.model.WasmFunction;
import org.teavm.backend.wasm.model.WasmGlobal;
import org.teavm.backend.wasm.model.WasmModule;
import org.teavm.backend.wasm.model.instruction.WasmCall;
import org.teavm.backend.wasm.model.instruction.WasmGetGlobal;
import org.teavm.backend.wasm.model.instruction.WasmInstruction;

/**
 * Makes TeaVM's runtime work under a content security policy without {@code 'unsafe-eval'}. A module hands the parameters and bodies of its
 * {@code @JSBody} scripts to the runtime as texts, which compiles them by {@code new Function}. Here the same texts become functions in the
 * runtime's file, and a {@code Function} of that file's own finds them.
 */
final class Glue {
    private static final String IMPORT_MODULE = "teavmJso";
    private static final String CREATE = "createFunction";

    private Glue() {
    }

    /** The start of the runtime's file, for what this thread generated last. */
    static String script() throws IOException {
        WasmGCCodeGenContext context = GluePlugin.take();
        if (context == null) {
            throw new IOException("TeaVM did not install " + GluePlugin.class.getName() + ": is its service file on the class path?");
        }
        return script(bodies(context.module(), texts(context.strings())));
    }

    private static String script(TreeSet<List<String>> bodies) throws IOException {
        StringBuilder out = new StringBuilder("// Made by the build: the page's scripts of the Java code, then TeaVM's runtime.\nconst scripts = {\n");
        for (List<String> script : bodies) {
            List<String> names = script.subList(0, script.size() - 1);
            out.append(quote(String.join(",", script))).append("(wrapCallFromJavaToJs");
            names.forEach(name -> out.append(", ").append(name));
            out.append(") {\n").append(script.getLast()).append("\n},\n");
        }
        try (InputStream in = Glue.class.getResourceAsStream("functions.js")) {
            return out.append("};\n").append(new String(in.readAllBytes(), StandardCharsets.UTF_8)).toString();
        }
    }

    /** Parameter names and body of each script: constants handed to an imported {@code createFunctionN}, N + 1 of them. */
    private static TreeSet<List<String>> bodies(WasmModule module, Map<WasmGlobal, String> texts) throws IOException {
        TreeSet<List<String>> found = new TreeSet<>((a, b) -> String.join(",", a).compareTo(String.join(",", b)));
        for (WasmFunction function : module.functions) {
            for (WasmInstruction instruction : function.getBody()) {
                if (instruction instanceof WasmCall call && IMPORT_MODULE.equals(call.getFunction().getImportModule())
                    && call.getFunction().getImportName().startsWith(CREATE)) {
                    int count = Integer.parseInt(call.getFunction().getImportName().substring(CREATE.length())) + 1;
                    found.add(arguments(call, count, texts));
                }
            }
        }
        return found;
    }

    /** Each argument is a constant and the call that makes a JavaScript string of it. */
    private static List<String> arguments(WasmCall call, int count, Map<WasmGlobal, String> texts) throws IOException {
        String[] arguments = new String[count];
        WasmInstruction at = call.getPrevious();
        for (int i = count - 1; i >= 0; i--) {
            boolean known = at instanceof WasmCall && at.getPrevious() instanceof WasmGetGlobal get && texts.containsKey(get.getGlobal());
            if (!known) {
                throw new IOException("TeaVM hands a @JSBody script to its runtime in a way that the build does not know: was teavm.version changed?");
            }
            arguments[i] = texts.get(((WasmGetGlobal) at.getPrevious()).getGlobal());
            at = at.getPrevious().getPrevious();
        }
        return List.of(arguments);
    }

    /** TeaVM's string constants by the global that holds each; the pool tells them by their text only. */
    private static Map<WasmGlobal, String> texts(WasmGCStringProvider pool) throws IOException {
        try {
            var field = pool.getClass().getDeclaredField("stringMap");
            field.setAccessible(true);
            Map<WasmGlobal, String> texts = new HashMap<>();
            ((Map<?, ?>) field.get(pool)).forEach((text, constant) -> texts.put(((WasmGCStringConstant) constant).global, (String) text));
            return texts;
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IOException("TeaVM's string pool is not as the build knows it: was teavm.version changed?", e);
        }
    }

    private static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c == '\u2028' || c == '\u2029') {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
