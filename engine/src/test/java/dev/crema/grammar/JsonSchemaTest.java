package dev.crema.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.CremaException;
import dev.crema.json.JsonParser;

import java.math.BigDecimal;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schemas and texts are written with single quotes for double ones. */
class JsonSchemaTest {
    private static CompiledGrammar compile(String schema) {
        Grammar grammar = JsonSchema.parse(JsonParser.parse(schema.replace('\'', '"')));
        assertEquals(grammar.toString(), GbnfParser.parse(grammar.toString()).toString(), "printed and read again");
        return new CompiledGrammar(grammar);
    }

    private static void check(String schema, String accepted, String rejected) {
        CompiledGrammar grammar = compile(schema);
        for (String text : accepted.split(" ~ ")) {
            assertTrue(grammar.matches(text.replace('\'', '"')), schema + " must accept " + text);
        }
        for (String text : rejected.split(" ~ ")) {
            assertTrue(!grammar.matches(text.replace('\'', '"')), schema + " must reject " + text);
        }
    }

    @Test
    void types() {
        check("{}", "1 ~ 'a' ~ [1,{'a':null}] ~ {} ~ true ~ -0.5e+3 ~ { 'a' : 1 }", "01 ~ 'a ~ [1,] ~ {'a'} ~ nul ~ +1 ~ .5 ~ '\t'");
        check("true", "[]", "]");
        check("{'type':'string'}", "'' ~ 'é\\n\\u00e9\\ud83d\\ude00'", "1 ~ '\\x' ~ '\\ud83d' ~ '\\u12' ~ 'a\nb'");
        check("{'type':'integer'}", "0 ~ -7 ~ 1234567890123456", "00 ~ 1.0 ~ 1e3 ~ 12345678901234567");
        check("{'type':'number'}", "0 ~ -7.25 ~ 1e9", "1. ~ - ~ 1e999 ~ NaN");
        check("{'type':['string','null']}", "null ~ 'x'", "1 ~ true");
        check("{'type':'string','nullable':true}", "null ~ 'x'", "1");
        check("{'type':'boolean'}", "true ~ false", "null ~ 1");
        check("{'const':{'a':[1,'b']}}", "{'a':[1,'b']}", "{'a':[1]}");
        check("{'enum':['a',1,null,'\u00e9\\n']}", "'a' ~ 1 ~ null ~ '\u00e9\\n'", "'b' ~ 2");
        check("{'enum':['a',1],'type':'string'}", "'a'", "1");
    }

    @Test
    void objects() {
        String two = "{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'string'},'c':{}},'required':['b']";
        check(two + ",'additionalProperties':false}", "{'b':''} ~ {'a':1,'b':''} ~ {'b':'','c':[]} ~ { 'a': 1, 'b': 'x', 'c': null}",
            "{} ~ {'a':1} ~ {'b':1} ~ {'b':'','a':1} ~ {'b':'','d':1} ~ {'b':'',} ~ {,'b':''} ~ {'b':'' 'c':1}");
        check(two + "}", "{'b':''}", "{'b':'','d':1}");
        check(two + ",'additionalProperties':{'type':'boolean'}}", "{'b':'','d':true,'bb':false,'':true}",
            "{'b':'','d':1} ~ {'b':'','a':true} ~ {'b':'','b':true} ~ {'d':true,'b':''}");
        check("{'type':'object','properties':{'a':{},'ab':{},'\u00e9':{}},'additionalProperties':true}", "{} ~ {'x':1} ~ {'abc':1,'b':2} ~ {'a':1,'ab':2,'\u00e9':3,'aa':4}",
            "{'ab':1,'a':1} ~ {'x':1,'\u00e9':1} ~ {'x':1,'a':1}");
        check("{'type':'object'}", "{} ~ {'x':{'y':[]}}", "[] ~ {1:2}");
        check("{'type':'object','additionalProperties':{'type':'integer'},'minProperties':1,'maxProperties':2}", "{'x':1} ~ {'x':1,'y':2}",
            "{} ~ {'x':''} ~ {'x':1,'y':2,'z':3}");
        check("{'type':'object','additionalProperties':false}", "{} ~ { }", "{'a':1}");
        check("{'type':'object','propertyNames':{'pattern':'^[a-z]$'},'additionalProperties':{'type':'integer'}}", "{} ~ {'a':1,'b':2}", "{'A':1} ~ {'ab':1} ~ {'a':''}");
        check("{'type':'object','propertyNames':{'type':'string'},'properties':{'a':{}}}", "{'a':1}", "{'b':1}");
        check("{'type':'object','propertyNames':{'enum':['x',1]}}", "{'x':[]}", "{'y':1} ~ {1:1}");
        check("{'required':['k']}", "{'k':1}", "{}");
    }

    @Test
    void arrays() {
        check("{'type':'array','items':{'type':'integer'}}", "[] ~ [1] ~ [1, 2,3]", "[1,] ~ ['a'] ~ [,1]");
        check("{'type':'array','items':{'type':'integer'},'minItems':2,'maxItems':3}", "[1,2] ~ [1,2,3]", "[1] ~ [1,2,3,4] ~ []");
        check("{'type':'array','maxItems':0}", "[]", "[1]");
        check("{'prefixItems':[{'type':'string'},{'type':'integer'}]}", "[] ~ ['a'] ~ ['a',1]", "[1] ~ ['a',1,2]");
        check("{'prefixItems':[{'type':'string'},{'type':'integer'}],'items':{'type':'null'},'minItems':1,'maxItems':3}", "['a'] ~ ['a',1,null]",
            "[] ~ ['a',1,1] ~ ['a',1,null,null]");
        check("{'items':[{'type':'string'}],'additionalItems':false,'minItems':1}", "['a']", "[] ~ ['a','b']");
        check("{'prefixItems':[{'type':'string'}],'minItems':2}", "['a',null] ~ ['a',1,2]", "['a'] ~ [1,2]");
    }

    @Test
    void strings() {
        check("{'minLength':2,'maxLength':3}", "'ab' ~ '\u00e9\u00e9\u00e9' ~ '\\ud83d\\ude00a' ~ '\\n\\n'", "'a' ~ 'abcd' ~ 1");
        check("{'pattern':'^[a-c]+$'}", "'abc'", "'' ~ 'abd' ~ abc");
        check("{'pattern':'b'}", "'abc' ~ 'b' ~ '\\n\\u0041b'", "'ac' ~ ''");
        check("{'pattern':'^x|y$'}", "'xab' ~ 'aby'", "'axb'");
        check("{'pattern':'^[^a]\\\\n$'}", "'\\\\\\n' ~ '\\'\\n' ~ 'b\\n'".replace("'\\'\\n'", "'\\\\\\n'"), "'a\\n' ~ 'b\n'");
        check("{'type':'string','format':'date'}", "'2026-02-28' ~ '2024-02-29' ~ '2000-02-29' ~ '1999-12-31'", "'2026-02-29' ~ '1900-02-29' ~ '2026-13-01' ~ '2026-04-31' ~ '2026-1-1'");
        check("{'format':'date-time'}", "'2026-11-25T21:53:57Z' ~ '2026-11-25T21:53:57.123+01:00'", "'2026-11-25 21:53:57Z' ~ '2026-11-25T24:00:00Z' ~ '2026-11-25T21:53:57'");
        check("{'format':'time'}", "'09:05:59Z'", "'9:05:59Z'");
        check("{'format':'uuid'}", "'123e4567-e89b-12d3-a456-426614174000'", "'123e4567e89b12d3a456426614174000'");
        check("{'format':'ipv4'}", "'127.0.0.1' ~ '255.255.255.255'", "'256.1.1.1' ~ '1.1.1' ~ '01.1.1.1'");
        check("{'format':'email'}", "'a.b@example.com'", "'a' ~ 'a@' ~ '@b.c'");
        check("{'format':'duration'}", "'P1Y2M' ~ 'PT5M' ~ 'P3W'", "'P' ~ 'PT' ~ '5M'");
        check("{'format':'email','pattern':'^a+$'}", "'aa'", "'a@b.c'");
        check("{'type':'string','format':'colour'}", "'red'", "1");
    }

    @Test
    void combinations() {
        check("{'anyOf':[{'type':'integer'},{'type':'string','maxLength':1}]}", "1 ~ 'a'", "'ab' ~ null");
        check("{'oneOf':[{'const':1},{'const':'x'}]}", "1 ~ 'x'", "2");
        check("{'allOf':[{'type':'object','properties':{'a':{'type':'number'}},'required':['a']},{'properties':{'b':{},'a':{'type':'integer'}}}]}",
            "{'a':1} ~ {'a':1,'b':2}", "{'a':1.5} ~ {'b':2}");
        check("{'type':'object','properties':{'a':{},'b':{}},'anyOf':[{'required':['a']},{'required':['b']}]}", "{'a':1} ~ {'b':1} ~ {'a':1,'b':1}", "{}");
        check("{'allOf':[{'minimum':1,'maximum':9},{'minimum':5}],'type':'integer'}", "5 ~ 9", "4 ~ 10");
        check("{'$ref':'#/$defs/n','$defs':{'n':{'type':'object','properties':{'v':{'type':'integer'},'next':{'$ref':'#/$defs/n'}},'required':['v']}}}",
            "{'v':1} ~ {'v':1,'next':{'v':2,'next':{'v':3}}}", "{'next':{'v':1}} ~ {'v':1,'next':{}}");
        check("{'type':'array','items':{'$ref':'#'}}", "[] ~ [[],[[]]]", "[1]");
        check("{'properties':{'x':{'$ref':'#/properties/y','description':'d'},'y':{'type':'null'}},'required':['x']}", "{'x':null}", "{'x':1}");
        check("{'properties':{'x':{'$ref':'#/$defs/s','maxLength':2}},'required':['x'],'$defs':{'s':{'type':'string'}}}", "{'x':'ab'}", "{'x':'abc'} ~ {'x':1}");
        check("{'type':'object','properties':{'a':{'type':'string'},'b':{'not':false}},'required':['a']}", "{'a':''} ~ {'a':'','b':1}", "{}");
    }

    @Test
    void patternPropertiesAndUnevaluated() {
        check("{'type':'object','patternProperties':{'^x-':{'type':'integer'}},'properties':{'a':{'type':'null'}}}", "{} ~ {'a':null} ~ {'a':null,'x-1':2,'x-':3} ~ {'x-y':-1}",
            "{'y':1} ~ {'x-1':null} ~ {'a':1}");
        check("{'patternProperties':{'^x':{'type':'integer'}},'required':['xy'],'additionalProperties':false}", "{'xy':1} ~ {'xy':1,'xz':2}", "{} ~ {'xy':null} ~ {'xz':2}");
        check("{'patternProperties':{'[0-9]$':{}},'minProperties':1}", "{'a1':null} ~ {'1':[]}", "{} ~ {'a':1}");
        check("{'type':'object','allOf':[{'properties':{'a':{}}},{'properties':{'b':{}}}],'unevaluatedProperties':false}", "{} ~ {'a':1,'b':2}", "{'c':1}");
        check("{'type':'object','unevaluatedProperties':false}", "{}", "{'c':1}");
        check("{'type':'object','unevaluatedProperties':true}", "{} ~ {'c':1}", "[]");
        check("{'prefixItems':[{'type':'integer'}],'unevaluatedItems':false,'minItems':1}", "[1]", "[] ~ [1,2]");
    }

    @Test
    void notOfTypesAndValues() {
        check("{'not':{'type':'null'}}", "1 ~ 'a' ~ {} ~ [null]", "null");
        check("{'type':['string','null','integer'],'not':{'type':['null','number']}}", "'a'", "null ~ 1");
        check("{'enum':[1,'a',null],'not':{'enum':['a',7]}}", "1 ~ null", "'a' ~ 7");
        check("{'enum':[1,'a',null],'not':{'type':'string'}}", "1 ~ null", "'a'");
        check("{'type':'string','not':{'enum':['','ab']}}", "'a' ~ 'abc' ~ 'b' ~ 'aB'", "'' ~ 'ab' ~ '\\u0061b' ~ 1");
        check("{'type':'object','properties':{'a':{'not':false}}}", "{} ~ {'a':1}", "[]");
    }

    @Test
    void distinctAndContainedItems() {
        check("{'type':'array','uniqueItems':true,'items':{'enum':['a','b',3]}}", "[] ~ ['a'] ~ ['b','a'] ~ [3,'a','b']", "['a','a'] ~ ['c'] ~ [3,'a',3] ~ [,] ~ ['a',]");
        check("{'uniqueItems':true,'items':{'enum':['a',1,'b'],'type':'string'}}", "['b','a']", "[1] ~ ['a',1]");
        check("{'type':'array','uniqueItems':true,'items':{'type':'boolean'},'minItems':2}", "[true,false] ~ [false,true]", "[] ~ [true] ~ [true,true]");
        check("{'uniqueItems':true,'items':{'$ref':'#/$defs/e'},'maxItems':2,'minItems':1,'$defs':{'e':{'enum':[1,2,3]}}}", "[1] ~ [3,1]", "[] ~ [1,2,3] ~ [2,2]");
        check("{'uniqueItems':true,'items':{'enum':[1,2,3,4,5,6,7,8,9,10]}}", "[] ~ [1,3,9] ~ [10]", "[3,1] ~ [3,3] ~ [11]");
        check("{'uniqueItems':true,'maxItems':1,'items':{'type':'string'}}", "[] ~ ['x']", "['x','y']");
        check("{'type':'array','contains':{'const':7},'items':{'type':'integer'}}", "[7] ~ [1,7] ~ [7,2] ~ [1,7,7,3]", "[] ~ [1] ~ ['7'] ~ [7,]");
        check("{'contains':{'type':'string'},'minContains':2}", "['a','b'] ~ [1,'a',[],'b',null]", "['a'] ~ [1,2]");
        check("{'type':'array','contains':{'type':'string'},'minContains':0}", "[] ~ [1]", "1");
    }

    /** Each number is accepted just if it is a multiple (and has no more decimals than the step). */
    @ParameterizedTest
    @CsvSource({"integer,2,,", "integer,7,,", "integer,64,0,", "integer,3,-10,11", "integer,2.5,,", "integer,0.1,,", "number,5,,", "number,0.5,,", "number,0.25,0,", "number,0.01,,",
        "number,0.3,-3,3", "number,1.5,,", "integer,997,,"})
    void multiples(String type, BigDecimal step, BigDecimal low, BigDecimal high) {
        String schema = "{'type':'" + type + "','multipleOf':" + step + (low == null ? "" : ",'minimum':" + low) + (high == null ? "" : ",'maximum':" + high) + "}";
        CompiledGrammar grammar = compile(schema);
        int scale = type.equals("integer") ? 0 : Math.max(0, step.scale());
        for (int i = -3000; i <= 3000; i++) {
            var value = BigDecimal.valueOf(i, scale);
            boolean expected = value.remainder(step).signum() == 0 && (low == null || value.compareTo(low) >= 0) && (high == null || value.compareTo(high) <= 0);
            String text = high == null || value.signum() == 0 ? value.toPlainString() : value.stripTrailingZeros().toPlainString();
            if (value.signum() != 0 || high == null || scale == 0) {
                assertEquals(expected, grammar.matches(text), schema + " " + text);
            }
        }
        assertTrue(grammar.matches("0"), schema);
        assertTrue(!grammar.matches("01") && !grammar.matches("-") && !grammar.matches("1.") && !grammar.matches("0.00001"), schema);
    }

    @ParameterizedTest
    @CsvSource({"0,10", "5,5", "-3,12", "-120,-17", "99,1001", "7,", ",42", ",-5", "-1,1", "0,0", "123456,123999", "-9,", "1000,99999"})
    void integersInARange(Long low, Long high) {
        String schema = "{'type':'integer'" + (low == null ? "" : ",'minimum':" + low) + (high == null ? "" : ",'maximum':" + high) + "}";
        CompiledGrammar grammar = compile(schema);
        for (long n = -1300; n <= 1300; n++) {
            assertEquals((low == null || n >= low) && (high == null || n <= high), grammar.matches(Long.toString(n)), schema + " " + n);
        }
        for (long n : new long[] {123455, 123456, 123500, 123999, 124000, 99999, 100000, -123456}) {
            assertEquals((low == null || n >= low) && (high == null || n <= high), grammar.matches(Long.toString(n)), schema + " " + n);
        }
    }

    @Test
    void numbersInARange() {
        var random = new Random(3);
        for (int i = 0; i < 300; i++) {
            BigDecimal low = random.nextInt(6) == 0 ? null : bound(random);
            BigDecimal high = random.nextInt(6) == 0 ? null : bound(random);
            if (low != null && high != null && low.compareTo(high) >= 0) {
                continue;
            }
            boolean lowOut = random.nextBoolean();
            boolean highOut = random.nextBoolean();
            String schema = "{'type':'number'" + (low == null ? "" : ",'" + (lowOut ? "exclusiveMinimum" : "minimum") + "':" + low)
                + (high == null ? "" : ",'" + (highOut ? "exclusiveMaximum" : "maximum") + "':" + high) + "}";
            CompiledGrammar grammar = compile(schema);
            for (int j = 0; j < 60; j++) {
                BigDecimal value = j == 0 && low != null ? low : j == 1 && high != null ? high : bound(random);
                String text = value.toPlainString();
                if (text.startsWith("-") && value.signum() == 0) {
                    continue;
                }
                boolean expected = (low == null || value.compareTo(low) >= (lowOut ? 1 : 0)) && (high == null || value.compareTo(high) <= (highOut ? -1 : 0));
                assertEquals(expected, grammar.matches(text), schema + " " + text);
            }
        }
    }

    private static BigDecimal bound(Random random) {
        int scale = random.nextInt(4);
        return BigDecimal.valueOf(random.nextInt(scale == 0 ? 41 : 4001) - (scale == 0 ? 20 : 2000), scale);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = ';', value = {
        "[]; at '#' there must be an object or a boolean, found array", "{'type':'text'}; 'type' at '#' is 'text'", "{'type':5}; must be a string or an array of strings",
        "{'properties':{'a':{'not':{}}}}; keyword 'not' at '#/properties/a' is not supported", "{'not':{'minimum':3}}; keyword 'not' at '#' is not supported",
        "{'not':{'const':'a'}}; keyword 'not' at '#'", "{'type':'string','minLength':2,'not':{'const':'a'}}; keyword 'not'", "{'type':'number','not':{'type':'integer'}}; keyword 'not'",
        "{'type':'null','not':{'type':'null'}}; allows no type", "{'enum':[1],'not':{'const':1}}; allows no value", "{'if':{}}; keyword 'if'", "{'multipleOf':0}; expected more than 0",
        "{'multipleOf':123457,'type':'integer'}; keyword 'multipleOf' at '#' is not supported where it is 123457", "{'multipleOf':5,'minimum':3}; beside a single bound",
        "{'multipleOf':5,'minimum':6,'maximum':9}; allows no value", "{'multipleOf':0.01,'minimum':0,'maximum':100}; more than 2000 values",
        "{'uniqueItems':true}; keyword 'uniqueItems'", "{'uniqueItems':true,'items':{'enum':[1,2]},'minItems':3}; only 2 different items",
        "{'uniqueItems':true,'items':{'enum':[1,2],'anyOf':[{'const':1}]}}; keyword 'uniqueItems'",
        "{'allOf':[{'patternProperties':{'a':{}}},{'additionalProperties':false}]}; where 'additionalProperties' is there too",
        "{'contains':{},'maxItems':3}; keyword 'contains'", "{'contains':{},'maxContains':3}; keyword 'maxContains'", "{'patternProperties':{'a':{},'b':{}}}; more than one pattern",
        "{'patternProperties':{'^a':{}},'properties':{'ab':{}}}; where the property 'ab' matches it too", "{'patternProperties':{'(?=a)':{}}}; 'patternProperties' at '#': The regular",
        "{'allOf':[{'unevaluatedProperties':false}]}; keyword 'unevaluatedProperties' at '#/allOf/0'", "{'unevaluatedItems':{'type':'string'}}; but for true and false",
        "{'propertyNames':{'maxLength':3},'required':['abc']}; keyword 'propertyNames' at '#' is not supported beside", "{'required':'a'}; 'required' at '#' must be an array, found string", "{'minLength':3,'maxLength':2}; 'maxLength' at '#' is 2, less than 'minLength', 3",
        "{'minLength':-1}; must be a whole number of at least 0", "{'maxLength':99999999}; 'maxLength' at '#' is 99999999, 20000 is the most",
        "{'minimum':5,'maximum':1}; more than the maximum", "{'minimum':1e99}; too large or too fine", "{'enum':[]}; allows no value", "{'anyOf':[]}; is empty",
        "{'$ref':'http://x'}; only references within the schema", "{'$ref':'#/$defs/x'}; nothing at '$defs'", "{'$ref':'#'}; never ends", "{'anyOf':[{'$ref':'#'},{'type':'null'}]}; left-recursive",
        "{'allOf':[{'$ref':'#'}]}; more than 100 levels", "{'pattern':'(?=a)'}; 'pattern' at '#': The regular expression is wrong at character 1",
        "{'pattern':'a','maxLength':3}; keyword 'maxLength' at '#' is not supported beside 'pattern'", "false; No text matches",
        "{'type':'object','properties':{'a':{'$ref':'#'}},'required':['a']}; never ends", "{'allOf':[{'pattern':'a'},{'pattern':'b'}]}; twice with different values",
        "{'type':'array','items':false,'minItems':1}; 'items' allows none"})
    void errors(String schema, String message) {
        var error = assertThrows(CremaException.class, () -> compile(schema));
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    @Test
    void longListsOfValuesAndPropertiesAreFine() {
        var values = new StringBuilder();
        var properties = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            values.append(i == 0 ? "" : ",").append("'value ").append(i).append("'");
            properties.append(i == 0 ? "" : ",").append("'p").append(i).append("':{'type':'boolean'}");
        }
        check("{'enum':[" + values + "]}", "'value 2999' ~ 'value 0'", "'value 3000' ~ 'value '");
        check("{'type':'object','properties':{" + properties + "}}", "{} ~ {'p0':true,'p2999':false}", "{'p3000':true} ~ {'p9':true,'p8':true}");
    }

    @Test
    void hostileSchemasAreRefused() {
        refused("{'anyOf':[" + "{'anyOf':[".repeat(200) + "{}" + "]}".repeat(200) + "]}", "more than 100 levels");
        String big = "{'anyOf':[" + "{'minimum':%1$d},".repeat(150) + "{}]}";
        refused("{'allOf':[" + big.formatted(1) + "," + big.formatted(2) + "," + big.formatted(3) + "]}", "too large");
        refused("{'type':'array','items':{'type':'string','maxLength':20000},'prefixItems':[" + "{'type':'string','maxLength':20000},".repeat(30) + "{}]}", "too large");
        refused("{'type':'object','additionalProperties':true,'properties':{'" + "x".repeat(500) + "':{}}}", "more than 200 characters");
    }

    private static void refused(String schema, String message) {
        var error = assertThrows(CremaException.class, () -> compile(schema));
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }
}
