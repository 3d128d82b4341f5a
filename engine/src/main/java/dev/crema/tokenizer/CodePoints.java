package dev.crema.tokenizer;

/** One or more characters of a set, which is written as ranges of code points in hexadecimal digits: {@code 41-5A 61-7A B5}. */
record CodePoints(int[] bounds) implements Scanner {
    /** Han characters: the script {@code Han} of Unicode 17. */
    static final CodePoints HAN = of("2E80-2E99 2E9B-2EF3 2F00-2FD5 3005 3007 3021-3029 3038-303B 3400-4DBF 4E00-9FFF F900-FA6D FA70-FAD9 16FE2-16FE3 16FF0-16FF6 "
        + "20000-2A6DF 2A700-2B81D 2B820-2CEAD 2CEB0-2EBE0 2EBF0-2EE5D 2F800-2FA1D 30000-3134A 31350-33479");

    /** In rising order. */
    static CodePoints of(String ranges) {
        var numbers = new IntList(64);
        for (int from = 0; from < ranges.length();) {
            int end = ranges.indexOf(' ', from) < 0 ? ranges.length() : ranges.indexOf(' ', from);
            String part = ranges.substring(from, end);
            int dash = part.indexOf('-');
            numbers.add(Integer.parseInt(dash < 0 ? part : part.substring(0, dash), 16));
            numbers.add(Integer.parseInt(part.substring(dash + 1), 16));
            from = end + 1;
        }
        return new CodePoints(numbers.toArray());
    }

    boolean has(int c) {
        int low = 0;
        int high = bounds.length / 2;
        while (low < high) {
            int middle = low + high >>> 1;
            if (c > bounds[2 * middle + 1]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < bounds.length / 2 && c >= bounds[2 * low];
    }

    @Override
    public int match(String text, int from, int to) {
        int end = run(text, from, to);
        return end == from ? -1 : end;
    }

    /** The end of the run that begins at {@code from}. */
    int run(String text, int from, int to) {
        int at = from;
        while (at < to && has(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    /** {@code \s?} and a run of the set. */
    Scanner spaced() {
        return (text, from, to) -> {
            int start = Unicode.isSpace(text.charAt(from)) ? from + 1 : from;
            int end = run(text, start, to);
            return end == start ? -1 : end;
        };
    }
}
