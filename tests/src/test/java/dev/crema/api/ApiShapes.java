package dev.crema.api;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.testing.Goldens;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * OpenAI's published shapes of replies, chunks and events, as data: {@code goldens/api/shapes.json}. A shape is the name of another or of a JSON
 * type ({@code integer} is a number without fraction), {@code =text} for exactly this string, several of these with {@code |} between them, an
 * array with the shape of its elements, or an object: members whose name ends in {@code ?} may be absent, {@code *} stands for any name, and there
 * must be no others.
 */
final class ApiShapes {
    private final Json.Obj shapes;

    ApiShapes() throws IOException {
        shapes = JsonParser.parseObject(Files.readString(Goldens.path("api/shapes.json")));
    }

    /** What is wrong with {@code value}, a line each; empty where it has the shape. */
    List<String> problems(String shape, Json value) {
        var problems = new ArrayList<String>();
        check(new Json.Str(shape), value, shape, problems);
        return problems;
    }

    private void check(Json shape, Json value, String place, List<String> problems) {
        switch (shape) {
            case Json.Str names -> {
                List<String> fewest = null;
                for (String name : names.value().split("\\|")) {
                    var found = new ArrayList<String>();
                    checkNamed(name, value, place, found);
                    fewest = fewest == null || found.size() < fewest.size() ? found : fewest;
                }
                problems.addAll(fewest);
            }
            case Json.Arr element -> {
                if (!(value instanceof Json.Arr array)) {
                    problems.add(place + " is no array: " + value);
                    return;
                }
                for (int i = 0; i < array.size(); i++) {
                    check(element.get(0), array.get(i), place + "[" + i + "]", problems);
                }
            }
            case Json.Obj members -> {
                if (value instanceof Json.Obj object) {
                    checkMembers(members, object, place, problems);
                } else {
                    problems.add(place + " is no object: " + value);
                }
            }
            default -> throw new IllegalArgumentException("no shape: " + shape);
        }
    }

    private void checkNamed(String name, Json value, String place, List<String> problems) {
        if (shapes.get(name) != null) {
            check(shapes.get(name), value, place, problems);
            return;
        }
        boolean fits = name.startsWith("=") ? value.equals(new Json.Str(name.substring(1)))
            : name.equals("integer") ? value instanceof Json.Num number && number.isInteger() : value.kind().equals(name);
        if (!fits) {
            problems.add(place + " is not " + name + ": " + value);
        }
    }

    private void checkMembers(Json.Obj members, Json.Obj object, String place, List<String> problems) {
        for (Map.Entry<String, Json> member : members.members().entrySet()) {
            String name = member.getKey().replace("?", "");
            if (!name.equals("*") && object.get(name) == null && !member.getKey().endsWith("?")) {
                problems.add(place + " lacks " + name);
            }
        }
        object.members().forEach((name, value) -> {
            Json shape = members.get(name) != null ? members.get(name) : members.get(name + "?") != null ? members.get(name + "?") : members.get("*");
            if (shape == null) {
                problems.add(place + " has " + name + ", which there is not");
            } else {
                check(shape, value, place + "." + name, problems);
            }
        });
    }
}
