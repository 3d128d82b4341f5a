package dev.crema.build.shaders;

import dev.crema.shaders.Binding;
import dev.crema.shaders.Shader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one .wgsl file: its header, its bindings, and the names it declares. */
final class ShaderParser {
    private static final Pattern FILE_NAME = Pattern.compile("([a-z][a-z0-9_]*)((?:\\.[a-z][a-z0-9_]*)*)\\.wgsl");
    private static final Pattern BINDING = Pattern.compile(
        "@group\\s*\\(\\s*(\\w+)\\s*\\)\\s*@binding\\s*\\(\\s*(\\w+)\\s*\\)\\s*var\\s*<\\s*(\\w+)\\s*(?:,\\s*(\\w+)\\s*)?>\\s*(\\w+)\\s*:\\s*([^;]+);");
    private static final Pattern ANY_BINDING = Pattern.compile("@binding\\b");
    private static final Pattern ENTRY = Pattern.compile("@compute\\b[^{;]*?\\bfn\\s+(\\w+)");
    private static final Pattern DIRECTIVE = Pattern.compile("(?m)^\\s*(enable|requires)\\b");
    private static final Pattern SYMBOL = Pattern.compile("\\b(?:fn|struct|const|override|alias|var)\\b(?:\\s*<[^>]*>)?\\s*(\\w+)");

    private final String path;
    private final String text;
    private final String code;
    private final Problems problems;

    private ShaderParser(String path, String text, Problems problems) {
        this.path = path;
        this.text = text;
        this.code = WgslText.withoutComments(text);
        this.problems = problems;
    }

    /** Parses; null when the file's name says nothing, with the reason among the problems. */
    static ShaderFile parse(String path, String fileName, String text, Problems problems) {
        Matcher name = FILE_NAME.matcher(fileName);
        if (!name.matches()) {
            problems.add(path, 1, "name the file <name>[.<variant>].wgsl in lower case letters, digits and _");
            return null;
        }
        String variant = name.group(2).isEmpty() ? "" : name.group(2).substring(1);
        return new ShaderParser(path, text, problems).parse(name.group(1), variant);
    }

    private ShaderFile parse(String name, String variant) {
        Map<String, Integer> bindingLines = new LinkedHashMap<>();
        List<Binding> bindings = bindings(bindingLines);
        Header header = Header.parse(path, text.lines().toList(), bindingLines.keySet(), problems);
        boolean kernel = checkEntry(header);
        bindingLines.forEach((binding, line) -> {
            if (!header.documented().containsKey(binding)) {
                problems.add(path, line, "binding '" + binding + "' is not described in the header; add a line such as //! " + binding
                    + "   f32 [rows, channels]");
            }
        });
        Matcher directive = DIRECTIVE.matcher(code);
        if (directive.find()) {
            problems.add(path, WgslText.lineOf(code, directive.start(1)), "'" + directive.group(1)
                + "' is written by the linker; say //! requires <feature> in the header instead");
        }
        Subset.check(path, code, problems);
        Shader shader = new Shader(name, variant, kernel, WgslText.shipped(text), List.copyOf(header.uses().keySet()),
            List.copyOf(header.requires().keySet()), bindings);
        return new ShaderFile(path, shader, bindingLines, header.documented(), first(header.uses()), first(header.requires()), symbols());
    }

    private static int first(Map<String, Integer> lines) {
        return lines.values().stream().findFirst().orElse(1);
    }

    private boolean checkEntry(Header header) {
        Matcher entry = ENTRY.matcher(code);
        if (!entry.find()) {
            if (header.gridLine() > 0) {
                problems.add(path, header.gridLine(), "a part has no grid: remove the line, or add the @compute entry point");
            }
            return false;
        }
        int line = WgslText.lineOf(code, entry.start());
        if (!entry.group(1).equals("main")) {
            problems.add(path, line, "the entry point is called '" + entry.group(1) + "'; call it 'main'");
        }
        if (header.gridLine() == 0) {
            problems.add(path, line, "the header of a kernel says how many workgroups it wants; add //! grid   (rows, 1, 1)");
        }
        if (entry.find()) {
            problems.add(path, WgslText.lineOf(code, entry.start()), "a second entry point; give it a file of its own");
        }
        return true;
    }

    private List<Binding> bindings(Map<String, Integer> lines) {
        List<Binding> bindings = new ArrayList<>();
        Matcher matcher = BINDING.matcher(code);
        int found = 0;
        while (matcher.find()) {
            found++;
            int line = WgslText.lineOf(code, matcher.start());
            if (!matcher.group(1).equals("0")) {
                problems.add(path, line, "binding '" + matcher.group(5) + "' is in group " + matcher.group(1) + "; all bindings are in @group(0)");
            }
            if (!matcher.group(2).matches("\\d{1,3}")) {
                problems.add(path, line, "binding '" + matcher.group(5) + "' has the number '" + matcher.group(2) + "'; write a literal such as 0");
                continue;
            }
            String access = matcher.group(3).equals("uniform") ? "uniform" : matcher.group(4) == null ? "read" : matcher.group(4);
            bindings.add(new Binding(Integer.parseInt(matcher.group(2)), matcher.group(5), access, matcher.group(6).strip().replaceAll("\\s+", " ")));
            lines.put(matcher.group(5), line);
        }
        checkAllUnderstood(found);
        bindings.sort(Comparator.comparingInt(Binding::index));
        return bindings;
    }

    private void checkAllUnderstood(int found) {
        Matcher any = ANY_BINDING.matcher(code);
        int all = 0;
        while (any.find()) {
            all++;
        }
        if (all != found) {
            any.reset();
            Matcher understood = BINDING.matcher(code);
            List<Integer> known = new ArrayList<>();
            while (understood.find()) {
                known.add(WgslText.lineOf(code, understood.start()));
            }
            while (any.find()) {
                int line = WgslText.lineOf(code, any.start());
                if (!known.contains(line)) {
                    problems.add(path, line, "write bindings as @group(0) @binding(0) var<storage, read> name: array<f32>;");
                }
            }
        }
    }

    /** Names at brace depth 0; a name declared twice in this file is a problem. */
    private Map<String, Integer> symbols() {
        StringBuilder outer = new StringBuilder(code.length());
        int depth = 0;
        for (int i = 0; i < code.length(); i++) {
            char c = code.charAt(i);
            depth -= c == '}' || c == ')' ? 1 : 0;
            outer.append(depth > 0 && c != '\n' ? ' ' : c);
            depth += c == '{' || c == '(' ? 1 : 0;
        }
        Map<String, Integer> symbols = new LinkedHashMap<>();
        Matcher matcher = SYMBOL.matcher(outer);
        while (matcher.find()) {
            int line = WgslText.lineOf(code, matcher.start());
            Integer before = symbols.putIfAbsent(matcher.group(1), line);
            if (before != null) {
                problems.add(path, line, "'" + matcher.group(1) + "' is declared in line " + before + " already; rename one");
            }
        }
        return symbols;
    }
}
