package dev.crema.api;

import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What OpenAI's streams keep to beyond the shape of each chunk: their order. */
final class StreamRules {
    private StreamRules() { }

    /** What is wrong with a stream of chat or completion chunks. */
    static List<String> ofChunks(List<Json.Obj> chunks, boolean includesUsage) {
        var problems = new ArrayList<String>();
        Set<String> begun = new HashSet<>();
        Set<String> ended = new HashSet<>();
        for (int c = 0; c < chunks.size(); c++) {
            Json.Obj chunk = chunks.get(c);
            check(chunk.get("id").equals(chunks.get(0).get("id")), "another id in chunk " + c, problems);
            var choices = (Json.Arr) chunk.get("choices");
            boolean last = c == chunks.size() - 1;
            check(choices.size() == (includesUsage && last ? 0 : 1), choices.size() + " choices in chunk " + c, problems);
            check(chunk.has("usage") == (includesUsage && last), "usage in chunk " + c, problems);
            check(includesUsage == (chunk.get("usage") != null), "no usage: null in chunk " + c, problems);
            for (Json each : choices.items()) {
                var choice = (Json.Obj) each;
                String index = choice.get("index").toString();
                check(!ended.contains(index), "chunk " + c + " after the end of choice " + index, problems);
                if (choice.get("delta") instanceof Json.Obj delta) {
                    check(delta.has("role") == begun.add(index), "the role in chunk " + c, problems);
                }
                if (choice.has("finish_reason")) {
                    ended.add(index);
                }
            }
        }
        check(begun.isEmpty() || begun.equals(ended), "choices " + begun + " began, " + ended + " ended", problems);
        return problems;
    }

    /** What is wrong with a stream of a response's events. */
    static List<String> ofEvents(List<Json.Obj> events) {
        var problems = new ArrayList<String>();
        String open = null;
        for (int e = 0; e < events.size(); e++) {
            Json.Obj event = events.get(e);
            String type = ((Json.Str) event.get("type")).value();
            check(event.get("sequence_number").equals(Json.of((long) e)), "event " + e + " has number " + event.get("sequence_number"), problems);
            check((e == 0) == type.equals("response.created") && (e == 1) == type.equals("response.in_progress"), type + " at " + e, problems);
            check((e == events.size() - 1) == Set.of("response.completed", "response.incomplete", "response.failed").contains(type), type + " at " + e,
                problems);
            String item = event.get("item") instanceof Json.Obj object ? object.get("id").toString()
                : event.get("item_id") == null ? null : event.get("item_id").toString();
            if (type.equals("response.output_item.added")) {
                check(open == null, "an item within another at " + e, problems);
                open = item;
            }
            check(item == null || item.equals(open), "event " + e + " is of another item", problems);
            open = type.equals("response.output_item.done") ? null : open;
        }
        check(open == null, "an item that never ends", problems);
        return problems;
    }

    private static void check(boolean holds, String problem, List<String> problems) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
