package dev.crema.tokenizer;

import dev.crema.json.Json;
import dev.crema.tokenizer.PreTokenizer.Metaspace;
import dev.crema.tokenizer.PreTokenizer.Metaspace.Prepend;

import java.util.ArrayList;
import java.util.List;

/** Reads normalizer, pre_tokenizer, decoder and post_processor of tokenizer.json; refuses by name what is not supported. */
final class HuggingFaceParts {
    private final Normalizer normalizer;
    private final PreTokenizer preTokenizer;
    private final List<Normalizer> replacements = new ArrayList<>();
    private boolean byteLevel;
    private boolean byteLevelText;
    private boolean byteFallback;
    private int leadingSpaces;
    private String templateStart;
    private String templateEnd;

    HuggingFaceParts(Fields root) {
        normalizer = root.has("normalizer") ? normalizer(root.fields("normalizer")) : Normalizer.NONE;
        List<PreTokenizer> steps = new ArrayList<>();
        if (root.has("pre_tokenizer")) {
            addPreTokenizer(root.fields("pre_tokenizer"), steps);
        }
        preTokenizer = steps.isEmpty() ? PreTokenizer.NONE : steps.size() == 1 ? steps.get(0) : new PreTokenizer.Chain(steps);
        if (root.has("decoder")) {
            readDecoder(root.fields("decoder"));
        } else {
            byteLevelText = byteLevel;
        }
        if (byteLevel != byteLevelText) {
            throw Fields.unsupported(root.path("pre_tokenizer"), (byteLevel ? "is" : "is not") + " ByteLevel, but the decoder "
                + (byteLevelText ? "is" : "is not"));
        }
        if (root.has("post_processor")) {
            readPostProcessor(root.fields("post_processor"));
        }
    }

    Normalizer normalizer() {
        return normalizer;
    }

    PreTokenizer preTokenizer() {
        return preTokenizer;
    }

    boolean byteLevel() {
        return byteLevel;
    }

    /** Whether tokens of the form {@code <0x0A>} are bytes. */
    boolean byteFallback() {
        return byteFallback;
    }

    TokenText text() {
        return new TokenText(byteLevelText, List.copyOf(replacements), leadingSpaces);
    }

    /** The special token that the post-processor puts before a text, or null. */
    String templateStart() {
        return templateStart;
    }

    /** The one that it puts after a text, or null. */
    String templateEnd() {
        return templateEnd;
    }

    /** The members of a {@code Sequence}. */
    private static List<Fields> sequence(Fields fields, String name) {
        Json.Arr items = fields.array(name);
        List<Fields> all = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            all.add(Fields.of(fields.path(name + "[" + i + "]"), items.get(i)));
        }
        return all;
    }

    private static Normalizer normalizer(Fields fields) {
        String type = fields.string("type");
        return switch (type) {
            case "NFC" -> new Nfc();
            case "NFD" -> Nfc::decomposed;
            case "Lowercase" -> BertNormalizer::lower;
            case "StripAccents" -> BertNormalizer::withoutAccents;
            case "BertNormalizer" -> {
                boolean lowers = fields.bool("lowercase", true);
                yield new BertNormalizer(fields.bool("clean_text", true), fields.bool("handle_chinese_chars", true),
                    fields.has("strip_accents") ? fields.bool("strip_accents", lowers) : lowers, lowers);
            }
            case "Precompiled" -> new Charsmap(Base64.decode(fields.string("precompiled_charsmap")));
            case "Strip" -> text -> strip(text, fields.bool("strip_left", true), fields.bool("strip_right", true));
            case "Prepend" -> new Normalizer.Prepend(fields.string("prepend"));
            case "Replace" -> {
                Fields pattern = fields.fields("pattern");
                String content = fields.string("content");
                boolean spaces = pattern.has("Regex") && pattern.string("Regex").equals(" {2,}");
                yield spaces ? (Normalizer) text -> collapse(text, content) : replace(fields);
            }
            case "Sequence" -> {
                List<Normalizer> steps = new ArrayList<>();
                for (Fields step : sequence(fields, "normalizers")) {
                    steps.add(normalizer(step));
                }
                yield steps.isEmpty() ? Normalizer.NONE : new Normalizer.Chain(steps);
            }
            default -> throw Fields.unsupported(fields.path(), "is " + type);
        };
    }

    private static String strip(String text, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && Unicode.isSpace(text.charAt(from))) {
            from++;
        }
        while (right && to > from && Unicode.isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    /** Runs of spaces to one: the one regular expression that normalizers of published models have. */
    private static String collapse(String text, String content) {
        var out = new StringBuilder(text.length());
        for (int i = 0; i < text.length();) {
            int end = i;
            while (end < text.length() && text.charAt(end) == ' ') {
                end++;
            }
            if (end - i >= 2) {
                out.append(content);
            } else {
                out.append(text.charAt(i));
                end = i + 1;
            }
            i = end;
        }
        return out.toString();
    }

    private static Normalizer.Replace replace(Fields fields) {
        Fields pattern = fields.fields("pattern");
        if (pattern.has("Regex")) {
            throw Fields.unsupported(pattern.path(), "is the regular expression " + pattern.string("Regex"));
        }
        if (pattern.string("String").isEmpty()) {
            throw Fields.invalid(pattern.path("String") + " is empty.");
        }
        return new Normalizer.Replace(pattern.string("String"), fields.string("content"));
    }

    private void addPreTokenizer(Fields fields, List<PreTokenizer> steps) {
        String type = fields.string("type");
        if (byteLevel) {
            throw Fields.unsupported(fields.path(), "is " + type + " after ByteLevel");
        }
        switch (type) {
            case "Sequence" -> {
                for (Fields step : sequence(fields, "pretokenizers")) {
                    addPreTokenizer(step, steps);
                }
            }
            case "ByteLevel" -> {
                if (fields.bool("add_prefix_space", true)) {
                    steps.add(new PreTokenizer.PrefixSpace());
                }
                if (fields.bool("use_regex", true)) {
                    steps.add(PreTokenizers.byteLevel());
                }
                byteLevel = true;
            }
            case "Split" -> steps.add(new Split(scanner(fields), behavior(fields, "behavior"), fields.bool("invert", false)));
            case "Digits" -> steps.add(PreTokenizers.digits(fields.bool("individual_digits", false)));
            case "Punctuation" -> {
                Split.Behavior behavior = fields.has("behavior") ? behavior(fields, "behavior") : Split.Behavior.ISOLATED;
                steps.add(new Split(PreTokenizers::punctuation, behavior, false));
            }
            case "Metaspace" -> steps.add(metaspace(fields));
            case "BertPreTokenizer" -> {
                steps.add(PreTokenizers.words());
                steps.add(Split.isolated(PreTokenizers::punctuation));
            }
            case "WhitespaceSplit" -> steps.add(PreTokenizers.words());
            default -> throw Fields.unsupported(fields.path(), "is " + type);
        }
    }

    private static Scanner scanner(Fields fields) {
        Fields pattern = fields.fields("pattern");
        if (!pattern.has("Regex")) {
            if (pattern.string("String").isEmpty()) {
                throw Fields.invalid(pattern.path("String") + " is empty.");
            }
            return PreTokenizers.literal(pattern.string("String"));
        }
        Scanner scanner = PreTokenizers.ofRegex(pattern.string("Regex"));
        if (scanner == null) {
            throw Fields.unsupported(pattern.path(), "is the regular expression " + pattern.string("Regex"));
        }
        return scanner;
    }

    private static Split.Behavior behavior(Fields fields, String name) {
        return switch (fields.string(name)) {
            case "Isolated" -> Split.Behavior.ISOLATED;
            case "Removed" -> Split.Behavior.REMOVED;
            case "MergedWithPrevious" -> Split.Behavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> Split.Behavior.MERGED_WITH_NEXT;
            case "Contiguous" -> Split.Behavior.CONTIGUOUS;
            default -> throw Fields.invalid(fields.path(name) + " is " + fields.string(name) + ", expected Isolated, Removed, "
                + "MergedWithPrevious, MergedWithNext or Contiguous.");
        };
    }

    private static Metaspace metaspace(Fields fields) {
        return new Metaspace(replacement(fields), prepend(fields), fields.bool("split", true));
    }

    private static char replacement(Fields fields) {
        String replacement = fields.string("replacement", "▁");
        if (replacement.length() != 1) {
            throw Fields.invalid(fields.path("replacement") + " is \"" + replacement + "\", expected one character.");
        }
        return replacement.charAt(0);
    }

    /** {@code add_prefix_space} is the older spelling. */
    private static Prepend prepend(Fields fields) {
        String scheme = fields.string("prepend_scheme", fields.bool("add_prefix_space", true) ? "always" : "never");
        return switch (scheme) {
            case "always" -> Prepend.ALWAYS;
            case "first" -> Prepend.FIRST;
            case "never" -> Prepend.NEVER;
            default -> throw Fields.invalid(fields.path("prepend_scheme") + " is " + scheme + ", expected always, first or never.");
        };
    }

    private void readDecoder(Fields fields) {
        String type = fields.string("type");
        switch (type) {
            case "Sequence" -> {
                for (Fields step : sequence(fields, "decoders")) {
                    readDecoder(step);
                }
            }
            case "ByteLevel" -> byteLevelText = true;
            case "ByteFallback" -> byteFallback = true;
            case "Fuse" -> { }
            case "WordPiece" -> {
                String prefix = fields.string("prefix", "##");
                replacements.add(token -> token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token);
                leadingSpaces = 1;
            }
            case "Replace" -> replacements.add(replace(fields));
            case "Strip" -> {
                if (!fields.string("content").equals(" ") || fields.index("stop", 1) != 0) {
                    throw Fields.unsupported(fields.path(), "is Strip of something else than leading spaces");
                }
                leadingSpaces = fields.index("start", 16);
            }
            case "Metaspace" -> {
                replacements.add(new Normalizer.Replace(String.valueOf(replacement(fields)), " "));
                leadingSpaces = prepend(fields) == Prepend.NEVER ? 0 : 1;
            }
            default -> throw Fields.unsupported(fields.path(), "is " + type);
        }
    }

    private void readPostProcessor(Fields fields) {
        String type = fields.string("type");
        switch (type) {
            case "Sequence" -> {
                for (Fields step : sequence(fields, "processors")) {
                    readPostProcessor(step);
                }
            }
            case "ByteLevel" -> { }
            case "TemplateProcessing" -> {
                List<Fields> single = sequence(fields, "single");
                if (!single.isEmpty() && single.get(0).has("SpecialToken")) {
                    templateStart = single.get(0).fields("SpecialToken").string("id");
                }
                if (single.size() > 1 && single.get(single.size() - 1).has("SpecialToken")) {
                    templateEnd = single.get(single.size() - 1).fields("SpecialToken").string("id");
                }
            }
            case "BertProcessing", "RobertaProcessing" -> {
                templateStart = Fields.string(fields.path("cls"), fields.array("cls").get(0));
                templateEnd = Fields.string(fields.path("sep"), fields.array("sep").get(0));
            }
            default -> throw Fields.unsupported(fields.path(), "is " + type);
        }
    }
}
