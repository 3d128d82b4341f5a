package dev.crema.conformance;

import dev.crema.json.Json;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a tiny model of some architecture is made of: its config, GGUF's keys, and its tensors, each said once with both names and what GGUF's
 * converter does to it.
 */
public final class FamilySpec {
    /** From Hugging Face's tensor to GGUF's. */
    public enum Form { SAME, NEIGHBOURS, PLUS_ONE, BY_HEAD, TURNED, STACKED, PADDED, ABSORBED, LISTED, HALVES }

    /** {@code shape} is that of GGUF; {@code headDim} where heads matter, {@code group} query heads of a kv head, or channels of a value. */
    public record Tensor(String huggingFace, String gguf, Shape shape, Form form, int headDim, int group) { }

    private final String name;
    private final String architecture;
    private final Json.Obj config;
    private final long seed;
    private final int vocab;
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private double embeddingScale = 0.6;

    FamilySpec(String name, String architecture, int vocab, Json.Obj config, long seed) {
        this.name = name;
        this.architecture = architecture;
        this.config = config;
        this.seed = seed;
        this.vocab = vocab;
        metadata.put("general.architecture", architecture);
        metadata.put("general.name", name);
        config.put("vocab_size", (long) vocab);
        key("vocab_size", vocab);
    }

    public String name() {
        return name;
    }

    /** Where embeddings are multiplied and tied, smaller ones keep the model from repeating each token that it reads. */
    FamilySpec embeddingScale(double scale) {
        embeddingScale = scale;
        return this;
    }

    /** A key of GGUF below the architecture's name. */
    FamilySpec key(String key, Object value) {
        metadata.put(architecture + "." + key, value);
        return this;
    }

    /** The same numbers under both names. */
    FamilySpec size(String key, String standard, int value) {
        config.put(standard, (long) value);
        return key(key, value);
    }

    FamilySpec tensor(String huggingFace, String ggufName, int... shape) {
        return add(huggingFace, ggufName, Form.SAME, 0, 0, shape);
    }

    /** q or k of an architecture whose converter brings the pairs to rotate together. */
    FamilySpec neighbours(String huggingFace, String ggufName, int headDim, int... shape) {
        return add(huggingFace, ggufName, Form.NEIGHBOURS, headDim, 0, shape);
    }

    /** A norm that Hugging Face keeps as its difference to one. */
    FamilySpec plusOne(String huggingFace, String ggufName, int... shape) {
        return add(huggingFace, ggufName, Form.PLUS_ONE, 0, 0, shape);
    }

    /** q, k and v in one, which Hugging Face has head by head. */
    FamilySpec byHead(String huggingFace, String ggufName, int headDim, int group, int... shape) {
        return add(huggingFace, ggufName, Form.BY_HEAD, headDim, group, shape);
    }

    /** A matrix that Hugging Face keeps as [in, out]; the shape is [out, in]. */
    FamilySpec turned(String huggingFace, String ggufName, int... shape) {
        return add(huggingFace, ggufName, Form.TURNED, 0, 0, shape);
    }

    /** Experts' matrices, which Hugging Face has in a tensor each: {@code *} stands for their number. */
    FamilySpec stacked(String huggingFace, String ggufName, int... shape) {
        return add(huggingFace, ggufName, Form.STACKED, 0, 0, shape);
    }

    /** A table to which Hugging Face has two rows more, before the first: RoBERTa's positions. */
    FamilySpec padded(String huggingFace, String ggufName, int... shape) {
        return add(huggingFace, ggufName, Form.PADDED, 0, 0, shape);
    }

    /** The heads' matrices of latent attention, which GGUF has as two tensors, {@code k_b} (transposed) and {@code v_b}; the shape is Hugging Face's. */
    FamilySpec absorbed(String huggingFace, String ggufName, int nope, int value, int... shape) {
        return add(huggingFace, ggufName, Form.ABSORBED, nope, value, shape);
    }

    /** Divisors that Hugging Face has as a list of the config's {@code rope_scaling}. */
    FamilySpec listed(String huggingFace, String ggufName) {
        return add(huggingFace, ggufName, Form.LISTED, 0, 0, numbers(huggingFace).size());
    }

    /** The numbers of such a list. */
    public Json.Arr numbers(String key) {
        return (Json.Arr) ((Json.Obj) config.get("rope_scaling")).get(key);
    }

    /** Experts' gates and ups in one stack [experts, 2 * size, in], of which GGUF makes two: {@code *} is gate and up. */
    FamilySpec halves(String huggingFace, String ggufName, int... shape) {
        return add(huggingFace, ggufName, Form.HALVES, 0, 0, shape);
    }

    /** A key of GGUF as it is. */
    FamilySpec rootKey(String key, Object value) {
        metadata.put(key, value);
        return this;
    }

    private FamilySpec add(String huggingFace, String ggufName, Form form, int headDim, int group, int... shape) {
        tensors.add(new Tensor(huggingFace, ggufName, Shape.of(shape), form, headDim, group));
        return this;
    }

    /** Whether it makes hidden states and no logits. */
    public boolean isEncoder() {
        return architecture.endsWith("bert");
    }

    /** As GGUF calls it. */
    public String architecture() {
        return architecture;
    }

    public Json.Obj config() {
        return config;
    }

    /** GGUF's keys, in order. */
    public Map<String, Object> metadata() {
        return metadata;
    }

    public List<Tensor> tensors() {
        return tensors;
    }

    public int vocab() {
        return vocab;
    }

    public long seed() {
        return seed;
    }

    /** The size of embeddings. */
    public double embeddingScale() {
        return embeddingScale;
    }
}
