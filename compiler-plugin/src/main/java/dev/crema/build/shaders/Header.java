package dev.crema.build.shaders;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code //!} lines of a file: {@code grid}, {@code use} and {@code requires}, lines that describe bindings
 * ({@code left, right   f32 [rows, channels]}), and free text.
 *
 * @param documented line of the description of each binding, by its name
 * @param uses parts with the line that names them
 * @param requires features with the line that names them
 * @param gridLine line of {@code grid}, or 0
 */
record Header(Map<String, Integer> documented, Map<String, Integer> uses, Map<String, Integer> requires, int gridLine) {
    private static final String MARK = "//!";
    private static final Pattern DIRECTIVE = Pattern.compile("(grid|use|requires)\\s+(\\S.*)");
    private static final Pattern SHAPED = Pattern.compile("(\\w+(?:\\s*,\\s*\\w+)*)\\s+([A-Za-z]\\w*(?:<[^\\[]*>)?)\\s*\\[.*");
    private static final Pattern PLAIN = Pattern.compile("(\\w+(?:\\s*,\\s*\\w+)*)\\s+([A-Za-z]\\w*(?:<.*>)?)");
    private static final Pattern PLAIN_TYPE = Pattern.compile("[fui](8|16|32)|[A-Z]\\w*|(vec|mat|array|atomic).*");

    static Header parse(String path, List<String> lines, Set<String> declared, Problems problems) {
        Header header = new Header(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>(), 0);
        int gridLine = 0;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.startsWith(MARK)) {
                continue;
            }
            String text = line.substring(MARK.length()).strip();
            Matcher directive = DIRECTIVE.matcher(text);
            if (!directive.matches()) {
                header.describe(text, i + 1, path, declared, problems);
            } else if (directive.group(1).equals("grid")) {
                gridLine = i + 1;
            } else {
                header.list(directive.group(1), directive.group(2), i + 1, path, problems);
            }
        }
        return new Header(header.documented, header.uses, header.requires, gridLine);
    }

    private void list(String directive, String names, int line, String path, Problems problems) {
        Map<String, Integer> target = directive.equals("use") ? uses : requires;
        for (String name : names.split("[\\s,]+")) {
            if (target.putIfAbsent(name, line) != null) {
                problems.add(path, line, directive + " names '" + name + "' twice; remove one");
            }
        }
    }

    private void describe(String text, int line, String path, Set<String> declared, Problems problems) {
        Matcher shaped = SHAPED.matcher(text);
        Matcher plain = PLAIN.matcher(text);
        List<String> names;
        if (shaped.matches()) {
            names = List.of(shaped.group(1).split("\\s*,\\s*"));
        } else if (plain.matches() && (PLAIN_TYPE.matcher(plain.group(2)).matches() || declared.contains(plain.group(1)))) {
            names = List.of(plain.group(1).split("\\s*,\\s*"));
        } else {
            return; // free text
        }
        for (String name : names) {
            if (documented.putIfAbsent(name, line) != null) {
                problems.add(path, line, "binding '" + name + "' is described twice; remove one");
            }
        }
    }
}
