package dev.crema.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Templates and what they print, from {@code jinja/*.txt}; the expectations are those of Python's jinja2 3.1.6 in Hugging Face's sandbox. */
class JinjaTest {
    private static final Clock CLOCK = new Clock() {
        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public long epochMillis() {
            return 1_721_995_200_000L;
        }
    };
    private static final String MESSAGES = """
        [{"role": "user", "content": "hello <there>"}, {"role": "assistant", "content": "hi"}]""";

    private static String render(String template) {
        Json.Arr messages = (Json.Arr) JsonParser.parse(MESSAGES);
        return JinjaTemplate.of(template, "<s>", null, CLOCK).render(messages, null, true, new Json.Obj());
    }

    @TestFactory
    List<DynamicTest> expressions() throws IOException {
        return table("expressions.txt");
    }

    @TestFactory
    List<DynamicTest> statements() throws IOException {
        return table("statements.txt");
    }

    /** Each case is a line of JSON: the template, then the text. */
    private static List<DynamicTest> table(String file) throws IOException {
        var tests = new ArrayList<DynamicTest>();
        for (String line : lines(file)) {
            Json.Arr row = (Json.Arr) JsonParser.parse(line);
            String template = ((Json.Str) row.get(0)).value();
            String expected = ((Json.Str) row.get(1)).value();
            tests.add(DynamicTest.dynamicTest(template, () -> assertEquals(expected, render(template))));
        }
        assertTrue(tests.size() > 30, file + " is nearly empty");
        return tests;
    }

    private static List<String> lines(String file) throws IOException {
        try (InputStream in = JinjaTest.class.getResourceAsStream("/jinja/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank()).toList();
        }
    }

    private static CremaException failure(String template) {
        return assertThrows(CremaException.class, () -> render(template), template);
    }

    /** A template, and what the message says after "The chat template fails at ". */
    private static final String[][] ERRORS = {
        {"{{ foo.bar }}", "line 1, column 7: 'foo' is undefined."},
        {"a\n  {{ messages[0].mood.x }}", "line 2, column 22: a dict has no 'mood'."},
        {"{{ 'a' + 1 }}", "line 1, column 8: can't apply '+' to str and int."},
        {"{{ none + 1 }}", "line 1, column 9: can't apply '+' to NoneType and int."},
        {"{{ 1 < 'a' }}", "line 1, column 4: can't order int and str."},
        {"{{ 1 // 0 }}", "line 1, column 6: division by zero."},
        {"{{ 1 in none }}", "line 1, column 4: 'in' needs a str, list or dict on its right, not NoneType."},
        {"{{ 'a' | shout }}", "line 1, column 10: no filter named 'shout'."},
        {"{{ 1 is big }}", "line 1, column 6: no test named 'big'."},
        {"{{ foo | tojson }}", "line 1, column 10: tojson: 'foo' is undefined."},
        {"{{ 'a'.replace('b') }}", "line 1, column 15: replace() needs the argument 'new'."},
        {"{{ 'a'.upper(1) }}", "line 1, column 13: upper() takes 0 arguments at most, 1 given."},
        {"{{ [1] | join(sep=1) }}", "line 1, column 10: join() has no argument 'sep'."},
        {"{{ messages.append(1) }}", "line 1, column 19: list.append() would change the list, which templates may not; use '+' or a namespace."},
        {"{% set x.y = 1 %}", "line 1, column 4: 'x' is no namespace: only attributes of namespaces can be set."},
        {"{% for x in none %}{% endfor %}", "line 1, column 4: can't iterate over NoneType."},
        {"{% for a, b in [[1]] %}{% endfor %}", "line 1, column 4: expected 2 values to unpack, found 1."},
        {"{% if %}", "line 1, column 7: expected an expression, found '%}'."},
        {"{% if true %}", "line 1, column 14: expected 'endif', found the end of the template."},
        {"{% if true %}{% endfor %}", "line 1, column 17: expected 'endif', found 'endfor'."},
        {"{% endfor %}", "line 1, column 4: 'endfor' without its beginning."},
        {"{% include 'x' %}", "line 1, column 4: unknown statement 'include'."},
        {"{% break %}", "line 1, column 4: 'break' outside of a loop."},
        {"{{ 'abc", "line 1, column 4: a string without end."},
        {"{{ (1 }}", "line 1, column 8: '}' closes nothing."},
        {"{# x", "line 1, column 1: a comment without end."},
        {"{% raw %}x", "line 1, column 1: raw without endraw."},
        {"{{ x", "line 1, column 5: the template ends inside a tag."},
        {"{{ 1 ; 2 }}", "line 1, column 6: unexpected character ';'."},
        {"{{ strftime_now('%Q') }}", "line 1, column 16: strftime_now(): unknown directive '%Q'."},
    };

    @Test
    void errorsSayWhatAndWhere() {
        for (String[] row : ERRORS) {
            CremaException error = failure(row[0]);
            assertEquals(ErrorCode.INVALID_TEMPLATE, error.code(), row[0]);
            assertEquals("The chat template fails at " + row[1], error.getMessage());
        }
    }

    @Test
    void aTemplateCanRefuseMessages() {
        CremaException error = failure("{{ raise_exception('roles must alternate') }}");
        assertEquals(ErrorCode.INVALID_REQUEST, error.code());
        assertEquals("The model's chat template refuses these messages: roles must alternate", error.getMessage());
        assertEquals("messages", error.param());
    }

    private static final String NEST = "{% set ns = namespace(l=[], m=[]) %}{% for i in range(9000) %}{% set ns.l = [ns.l] %}{% endfor %}";
    private static final String BUSHY = "{% set ns = namespace(l=[], m=[]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}"
        + "{% set ns.m = [ns.m, ns.m] %}{% endfor %}";
    private static final String HUGE = "{% set s = 'ab' * 5000000 %}{% for i in range(100000) %}";

    /** Each wants to run, grow or nest without end. */
    private static final String[] HOSTILE = {
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{{ 'a' * 10000000000 }}", "{{ [1] * 1000000000 }}", "{{ 'x'.center(100000000000) }}", "{{ 'x'.ljust(999999999999999999, '😀') }}", "{{ 'x' | center(999999999999999999) }}", "{{ ''.ljust(2000000000) }}",
        "{{ [1] | batch(1000000000, 'x') | list }}", "{{ 'ab'.replace('', 'x' * 1000000) * 100 }}", "{{ range(10000000000) }}",
        "{{ " + "(".repeat(50_000) + ")".repeat(50_000) + " }}", "{{ " + "[".repeat(50_000) + "]".repeat(50_000) + " }}",
        "{{ " + "-".repeat(100_000) + "1 }}", "{{ " + "not ".repeat(100_000) + "1 }}", "{{ " + "1 + ".repeat(100_000) + "1 }}",
        "{{ 1" + "|abs".repeat(100_000) + " }}", "{{ x" + ".y".repeat(100_000) + " }}", "{{ 1" + " if 1 else 2".repeat(50_000) + " }}",
        "{% if 1 %}".repeat(50_000) + "{% endif %}".repeat(40_000), "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}", "{% macro f() %}{% call f() %}{% endcall %}{% endmacro %}{{ f() }}",
        NEST + "{{ ns.l }}", NEST + "{{ ns.l | tojson }}", NEST + "{{ ns.l == [ns.l] }}", NEST + "{{ [ns.l, ns.l] | sort }}",
        BUSHY + "{{ ns.l == ns.m }}", BUSHY + "{{ ns.l | string }}", BUSHY + "{{ ns.l | tojson }}", BUSHY + "{{ ns.l | tojson(indent=60) }}",
        HUGE + "{{ 'zz' in s }}{% endfor %}", HUGE + "{{ s | length }}{% endfor %}", HUGE + "{{ s[0] }}{% endfor %}",
        HUGE + "{{ s.strip() }}{% endfor %}", "{{ range(99999) | map('string') | unique | list }}", "x".repeat(1_000_001),
    };

    @Test
    void hostileTemplatesEndInAnError() throws InterruptedException {
        var failures = new ArrayList<String>();
        Thread small = new Thread(null, () -> {
            for (String template : HOSTILE) {
                try {
                    render(template);
                    failures.add("no error: " + start(template));
                } catch (CremaException expected) {
                    if (expected.code() != ErrorCode.INVALID_TEMPLATE) {
                        failures.add(expected + ": " + start(template));
                    }
                } catch (Throwable other) {
                    failures.add(other + ": " + start(template));
                }
            }
        }, "small stack", 512 * 1024);
        small.start();
        small.join();
        assertEquals(List.of(), failures);
    }

    private static String start(String template) {
        return template.substring(0, Math.min(60, template.length()));
    }

    @Test
    void everyPrefixOfATemplateEndsWell() {
        String template = "{%- macro f(a, b=[1, {'k': 'v'}]) -%}{{ a[1:-1:2] | join(', ') ~ b.x }}{%- endmacro %}{# c #}\n{% raw %}{{{% endraw %}"
            + "{% for k, v in {'a': 1.5e3}.items() if v is number and not (k in 'b') %}{{ loop.index0 if loop.first else '\\u00e9' }}{% else %}x{% endfor %}"
            + "{% set ns = namespace(q=0) %}{% set ns.q %}t{% endset %}{% call(u) f(1) %}{{ u }}{% endcall %}{% filter upper %}z{% endfilter %}";
        for (int end = 0; end < template.length(); end++) {
            String prefix = template.substring(0, end);
            try {
                render(prefix);
            } catch (CremaException expected) {
                assertEquals(ErrorCode.INVALID_TEMPLATE, expected.code(), prefix);
            }
        }
    }

    @Test
    void variablesOfTheCallerCountBeforeTheTokenizers() {
        var template = JinjaTemplate.of("{{ bos_token }}{{ eos_token }}{{ tools is none }}{{ mood }}", "<s>", "</s>", CLOCK);
        assertEquals("<s></s>True", template.render(new Json.Arr(), null, false, new Json.Obj()));
        assertEquals("B</s>Truegood", template.render(new Json.Arr(), null, false, new Json.Obj().put("bos_token", "B").put("mood", "good")));
    }
}
