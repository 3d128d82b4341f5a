package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.List;

/** Whatever can be iterated, as a list. */
final class Sequences {
    private Sequences() { }

    /** Items of a list, keys of a dict, characters of a string; nothing of what is undefined. */
    static List<Value> items(Value value, Budget budget) {
        return switch (value) {
            case Seq sequence -> sequence.items();
            case Value.Dict dict -> {
                budget.makeItems(dict.entries().size());
                yield new ArrayList<>(dict.entries().keySet());
            }
            case Value.Str text -> characters(text.text(), budget);
            case Value.Undefined undefined -> List.of();
            default -> throw new JinjaError("can't iterate over " + value.typeName());
        };
    }

    static boolean isIterable(Value value) {
        return value instanceof Seq || value instanceof Value.Dict || value instanceof Value.Str || value instanceof Value.Undefined;
    }

    static List<Value> characters(String text, Budget budget) {
        budget.makeItems(text.length());
        var characters = new ArrayList<Value>(text.length());
        for (int i = 0; i < text.length(); ) {
            int size = Character.charCount(text.codePointAt(i));
            characters.add(Value.of(text.substring(i, i + size)));
            i += size;
        }
        return characters;
    }

    /** Characters, items or entries. */
    static int length(Value value, Budget budget) {
        return switch (value) {
            case Value.Str text -> {
                budget.read(text.text().length());
                yield text.text().codePointCount(0, text.text().length());
            }
            case Seq sequence -> sequence.items().size();
            case Value.Dict dict -> dict.entries().size();
            case Value.Undefined undefined -> 0;
            default -> throw new JinjaError("a " + value.typeName() + " has no length");
        };
    }
}
