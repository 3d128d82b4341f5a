package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;
import dev.crema.tensor.DType;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.Shared;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;
import dev.crema.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

class ModelOpenerTest {
    private static final SyntheticCheckpoint QWEN = new SyntheticCheckpoint(SyntheticSpecs.named("tiny-qwen3"));
    private static final String TEXT = "Hello, the wörld and 123 things\n\n <|im_end|>";

    private static String prompt(Model model) {
        var messages = new Json.Arr().add(new Json.Obj().put("role", "user").put("content", "Hi"));
        return model.template().render(messages, null, true, new Json.Obj());
    }

    private static MemoryFiles with(String file, String text) {
        return QWEN.huggingFace(DType.F16).put(file, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aFolderAndItsGgufAreTheSameModel() {
        Model folder = ModelLoader.awaitOpen(QWEN.huggingFace(DType.F32), null, 0);
        Model gguf = ModelLoader.awaitOpen(QWEN.gguf(DType.F32), null, 0);
        assertEquals("tiny-qwen3", folder.id());
        assertEquals("tiny-qwen3-f32", gguf.id());
        assertEquals(folder.graph().toString(), gguf.graph().toString());
        assertEquals(256, folder.contextLength());
        assertEquals(256, gguf.contextLength());
        int end = QWEN.tokenizer().eos();
        assertArrayEquals(new int[] {QWEN.tokenizer().id("<|endoftext|>"), end}, folder.endTokens());
        assertArrayEquals(folder.endTokens(), gguf.endTokens());
        assertEquals("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", prompt(folder));
        assertEquals(prompt(folder), prompt(gguf));
        for (Tokenizer.Special special : Tokenizer.Special.values()) {
            int[] ids = folder.tokenizer().encode(TEXT, special);
            assertArrayEquals(ids, gguf.tokenizer().encode(TEXT, special));
            assertEquals(TEXT, folder.tokenizer().decode(ids, true));
            assertEquals(special == Tokenizer.Special.PARSE, ids[ids.length - 1] == end);
        }
    }

    @Test
    void theCallerChoosesNameAndContext() {
        Model model = ModelLoader.awaitOpen(QWEN.gguf(DType.Q8_0), "mine", 4096);
        assertEquals("mine", model.id());
        assertEquals(4096, model.contextLength());
    }

    @Test
    void endTokensComeFromEverywhere() {
        Model model = ModelLoader.awaitOpen(with("generation_config.json", "{\"eos_token_id\": [7, 5, 999999, -1, 7], \"top_k\": 20}"), null, 0);
        assertArrayEquals(new int[] {5, 7, QWEN.tokenizer().id("<|endoftext|>"), QWEN.tokenizer().eos()}, model.endTokens());
        assertEquals("20", model.defaults().get("top_k").toString());
    }

    @Test
    void templatesAreFoundWhereTransformersLooks() {
        assertEquals("J", prompt(ModelLoader.awaitOpen(with("chat_template.jinja", "J"), null, 0)));
        assertEquals("S", prompt(ModelLoader.awaitOpen(with("chat_template.json", "{\"chat_template\": \"S\"}"), null, 0)));
        Model named = ModelLoader.awaitOpen(with("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"default\", \"template\": \"plain\\n\"}, "
            + "{\"name\": \"tool_use\", \"template\": \"tools\\n\"}, {\"name\": \"rag\", \"template\": \"rag\"}]}"), null, 0);
        assertEquals("plain", prompt(named));
        var tools = new Json.Arr().add(new Json.Obj().put("type", "function"));
        assertEquals("tools", named.template().render(new Json.Arr(), tools, true, new Json.Obj()));
        assertNull(ModelLoader.awaitOpen(with("tokenizer_config.json", "{}"), null, 0).template());
    }

    @Test
    void aBrokenTemplateStopsChatsAndNotTheModel() {
        Model model = ModelLoader.awaitOpen(with("chat_template.jinja", "{% for %}"), null, 0);
        CremaException error = assertThrows(CremaException.class, () -> prompt(model));
        assertEquals(ErrorCode.INVALID_TEMPLATE, error.code());
    }

    @Test
    void realModels() {
        Model tiny = ModelLoader.awaitOpen(MemoryFiles.read(Shared.model("crema-tiny")), null, 0);
        assertArrayEquals(new int[] {2044, 2046}, tiny.endTokens());
        assertEquals("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", prompt(tiny));
        Model stories = ModelLoader.awaitOpen(MemoryFiles.read(Shared.model("stories260k/stories260K.gguf")), null, 512);
        assertEquals(512, stories.contextLength());
        assertArrayEquals(new int[] {2}, stories.endTokens());
        assertNull(stories.template());
        Model upstream = ModelLoader.awaitOpen(MemoryFiles.read(Shared.model("tinystories-656k")), null, 0);
        assertEquals("tinystories-656k", upstream.id());
        assertArrayEquals(new int[] {2}, upstream.endTokens());
    }
}
