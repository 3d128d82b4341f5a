package dev.crema.jvm;

import dev.crema.json.Json;

import java.util.Map;
import java.util.Random;

/** JSON Schemas by chance, and a plain check of values against them that shares nothing with what makes grammars of them. */
final class RandomSchemas {
    private static final String[] NAMES = {"a", "name", "tall tree", "x\"y", "é"};

    private RandomSchemas() { }

    static Json.Obj next(Random random, int depth) {
        var schema = new Json.Obj();
        switch (random.nextInt(depth == 0 ? 6 : 9)) {
            case 0 -> schema.put("type", "boolean");
            case 1 -> schema.put("type", "integer").put("minimum", random.nextInt(200) - 100).put("maximum", 100 + random.nextInt(1000));
            case 2 -> schema.put("type", "number").put("minimum", random.nextInt(9) / 4.0).put("exclusiveMaximum", 3.0 + random.nextInt(9) / 8.0);
            case 3 -> schema.put("type", "string").put("minLength", random.nextInt(3)).put("maxLength", 3 + random.nextInt(9));
            case 4 -> schema.put("enum", new Json.Arr().add(Json.of("one")).add(Json.of(2)).add(Json.NULL));
            case 5 -> schema.put("type", new Json.Arr().add(Json.of("null")).add(Json.of("boolean")));
            case 6 -> schema.put("anyOf", new Json.Arr().add(next(random, depth - 1)).add(next(random, depth - 1)));
            case 7 -> schema.put("type", "array").put("items", next(random, depth - 1)).put("minItems", random.nextInt(3)).put("maxItems", 2 + random.nextInt(2));
            default -> object(random, depth, schema);
        }
        return schema;
    }

    private static void object(Random random, int depth, Json.Obj schema) {
        var properties = new Json.Obj();
        var required = new Json.Arr();
        for (String name : NAMES) {
            if (random.nextBoolean()) {
                properties.put(name, next(random, depth - 1));
                if (random.nextBoolean()) {
                    required.add(Json.of(name));
                }
            }
        }
        schema.put("type", "object").put("properties", properties).put("required", required).put("additionalProperties", false);
    }

    static boolean isValid(Json value, Json.Obj schema) {
        if (schema.get("anyOf") instanceof Json.Arr options) {
            return options.items().stream().anyMatch(option -> isValid(value, (Json.Obj) option));
        }
        if (schema.get("enum") instanceof Json.Arr values) {
            return values.items().contains(value);
        }
        if (schema.get("type") instanceof Json.Arr types) {
            return types.items().contains(Json.of(value.kind()));
        }
        return switch (((Json.Str) schema.get("type")).value()) {
            case "integer" -> value instanceof Json.Num number && number.isInteger() && inBounds(number, schema);
            case "number" -> value instanceof Json.Num number && inBounds(number, schema);
            case "string" -> value instanceof Json.Str text && inCount(text.value().codePointCount(0, text.value().length()), schema, "minLength", "maxLength");
            case "array" -> value instanceof Json.Arr array && inCount(array.size(), schema, "minItems", "maxItems")
                && array.items().stream().allMatch(item -> isValid(item, (Json.Obj) schema.get("items")));
            case "object" -> value instanceof Json.Obj object && isValid(object, schema);
            case String type -> value.kind().equals(type);
        };
    }

    private static boolean isValid(Json.Obj object, Json.Obj schema) {
        var properties = (Json.Obj) schema.get("properties");
        for (Map.Entry<String, Json> member : object.members().entrySet()) {
            if (!(properties.get(member.getKey()) instanceof Json.Obj expected) || !isValid(member.getValue(), expected)) {
                return false;
            }
        }
        return ((Json.Arr) schema.get("required")).items().stream().allMatch(name -> object.get(((Json.Str) name).value()) != null);
    }

    private static boolean inBounds(Json.Num number, Json.Obj schema) {
        return number.doubleValue() >= bound(schema, "minimum", Double.NEGATIVE_INFINITY) && number.doubleValue() <= bound(schema, "maximum", Double.POSITIVE_INFINITY)
            && number.doubleValue() < bound(schema, "exclusiveMaximum", Double.POSITIVE_INFINITY);
    }

    private static boolean inCount(int count, Json.Obj schema, String least, String most) {
        return count >= bound(schema, least, 0) && count <= bound(schema, most, Double.POSITIVE_INFINITY);
    }

    private static double bound(Json.Obj schema, String name, double otherwise) {
        return schema.get(name) instanceof Json.Num number ? number.doubleValue() : otherwise;
    }
}
