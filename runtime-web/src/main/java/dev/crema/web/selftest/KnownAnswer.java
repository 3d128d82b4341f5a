package dev.crema.web.selftest;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.device.Batch;
import dev.crema.device.Bytes;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.graph.Weight;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The first tokens that Crema Tiny writes to its first golden prompt: a whole real model, end to end. The files are its checkpoint and
 * {@code GOLDENS.json}, whose tokens an implementation of its own made (models/crema-tiny/recipe).
 */
final class KnownAnswer {
    private static final int TOKENS = 16;

    private final Model model;
    private final int[] prompt;
    private final int[] answer;

    private KnownAnswer(Model model, int[] prompt, int[] answer) {
        this.model = model;
        this.prompt = prompt;
        this.answer = answer;
    }

    /** Reads the files; CremaException where they are not there or not right. */
    static KnownAnswer awaitOpen(ModelFiles files) {
        Model model = ModelLoader.awaitOpen(files, "self-test", 0);
        Bytes goldens = files.awaitOpen("GOLDENS.json");
        if (goldens == null) {
            throw new CremaException(ErrorCode.NOT_FOUND, "There is no GOLDENS.json beside the model of the self-test.", "");
        }
        byte[] text = new byte[(int) goldens.length()];
        goldens.awaitRead(0, text, 0, text.length);
        var first = (Json.Obj) ((Json.Arr) JsonParser.parseObject(new String(text, StandardCharsets.UTF_8)).get("prompts")).get(0);
        return new KnownAnswer(model, ids(first, "ids"), Arrays.copyOf(ids(first, "greedy_ids"), TOKENS));
    }

    private static int[] ids(Json.Obj prompt, String name) {
        var array = (Json.Arr) prompt.get(name);
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) ((Json.Num) array.get(i)).longValue();
        }
        return ids;
    }

    /** What the device writes instead, or null. */
    String awaitFault(Device device) {
        for (Weight weight : model.weights().used().values()) {
            device.upload(weight, model.weights().bytes(weight));
        }
        device.awaitUploads(Progress.NONE, new Cancellation());
        int length = prompt.length + TOKENS;
        try (Executable executable = device.awaitCompile(model.graph(), new Limits(prompt.length, 1, 1, length, length / 16 + 1), Progress.NONE)) {
            int[] found = awaitAnswer(executable);
            return Arrays.equals(found, answer) ? null : "Crema Tiny wrote " + Arrays.toString(found) + ", expected " + Arrays.toString(answer);
        }
    }

    private int[] awaitAnswer(Executable executable) {
        var spec = new SampleSpec(SamplingParams.GREEDY, 1);
        int[] found = new int[TOKENS];
        int[] next = prompt;
        Sequence sequence = executable.kvPool().newSequence();
        for (int i = 0; i < TOKENS; i++) {
            found[i] = executable.submit(new Batch(List.of(new Batch.Item(sequence, next, 1, spec, false)))).awaitTokens()[0];
            next = new int[] {found[i]};
        }
        return found;
    }
}
