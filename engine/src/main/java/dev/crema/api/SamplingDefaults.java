package dev.crema.api;

import dev.crema.json.Json;

/** How to sample where a request does not say: as generation_config.json of the model does, else as OpenAI does (temperature 1, no filter). */
record SamplingDefaults(Json.Obj config) {
    double temperature() {
        return Json.FALSE.equals(config.get("do_sample")) ? 0 : number("temperature", 0, 2, 1);
    }

    long topK() {
        return (long) number("top_k", 0, Integer.MAX_VALUE, 0);
    }

    double topP() {
        return number("top_p", 0, 1, 1);
    }

    double minP() {
        return number("min_p", 0, 1, 0);
    }

    double typicalP() {
        return number("typical_p", 0, 1, 1);
    }

    double repetitionPenalty() {
        return number("repetition_penalty", 0.01, 10, 1);
    }

    /** A value outside of its bounds comes from the checkpoint and not from the caller, who could not mend it: it is passed over. */
    private double number(String name, double least, double most, double otherwise) {
        return config.get(name) instanceof Json.Num number && number.doubleValue() >= least && number.doubleValue() <= most
            ? number.doubleValue() : otherwise;
    }
}
