package dev.crema.api;

import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;

/** A text of a request that may also be given as token ids: one of the two, the other is null. */
record TokenInput(String text, int[] ids) {
    private static final String EXPECTED = "a string, an array of strings, an array of token ids, or an array of such arrays";

    /** The field {@code name} in any of OpenAI's four forms; at least one text. */
    static List<TokenInput> read(Fields fields, String name) {
        Json given = fields.get(name);
        return switch (given) {
            case null -> throw fields.missing(name, EXPECTED);
            case Json.Str text -> List.of(new TokenInput(text.value(), null));
            case Json.Arr array -> {
                if (array.size() == 0) {
                    throw Fields.wrong(name, EXPECTED, given);
                }
                if (array.get(0) instanceof Json.Num) {
                    yield List.of(new TokenInput(null, ids(array, name)));
                }
                yield several(array, name);
            }
            case Json other -> throw Fields.wrong(name, EXPECTED, other);
        };
    }

    private static List<TokenInput> several(Json.Arr array, String name) {
        var inputs = new ArrayList<TokenInput>();
        for (int i = 0; i < array.size(); i++) {
            String param = name + "[" + i + "]";
            inputs.add(switch (array.get(i)) {
                case Json.Str text -> new TokenInput(text.value(), null);
                case Json.Arr ids when ids.size() > 0 -> new TokenInput(null, ids(ids, param));
                case Json other -> throw Fields.wrong(param, "a string or an array of token ids", other);
            });
        }
        return inputs;
    }

    private static int[] ids(Json.Arr array, String param) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) Fields.integer(param + "[" + i + "]", array.get(i), 0, Integer.MAX_VALUE);
        }
        return ids;
    }
}
