package dev.crema.web.selftest;

import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;

/**
 * What a self-test found.
 *
 * @param remembered whether it ran at an earlier visit
 * @param dropped    kernel forms that computed wrong and are not used, each with what was wrong: {@code mat_mul.int8: the logits are off by ...}
 * @param notes      what could not be tested, and why
 * @param millis     how long it took
 */
public record SelfTestReport(boolean remembered, List<String> dropped, List<String> notes, long millis) {
    /** No test ran; {@code why} not. */
    public static SelfTestReport none(String why) {
        return new SelfTestReport(false, List.of(), List.of(why), 0);
    }

    /** For the page and for the browser's store. */
    public Json.Obj toJson() {
        return new Json.Obj().put("remembered", remembered ? Json.TRUE : Json.FALSE).put("dropped", array(dropped)).put("notes", array(notes))
            .put("millis", millis);
    }

    /** What was kept of an earlier test, or null where the text is none of ours. */
    static SelfTestReport remembered(Json json) {
        if (json instanceof Json.Obj object && object.get("dropped") instanceof Json.Arr dropped && object.get("notes") instanceof Json.Arr notes
                && object.get("millis") instanceof Json.Num millis) {
            return new SelfTestReport(true, texts(dropped), texts(notes), millis.longValue());
        }
        return null;
    }

    private static Json.Arr array(List<String> texts) {
        var array = new Json.Arr();
        texts.forEach(text -> array.add(Json.of(text)));
        return array;
    }

    private static List<String> texts(Json.Arr array) {
        var texts = new ArrayList<String>();
        for (int i = 0; i < array.size(); i++) {
            if (array.get(i) instanceof Json.Str text) {
                texts.add(text.value());
            }
        }
        return texts;
    }
}
