package dev.crema.api;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.chat.ChatTemplate;
import dev.crema.chat.JinjaTemplate;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.FlatBatch;
import dev.crema.device.HostTexts;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Step;
import dev.crema.engine.ByteTokenizer;
import dev.crema.engine.Engine;
import dev.crema.engine.EngineOptions;
import dev.crema.engine.Model;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.json.Json;
import dev.crema.sampling.Sampler;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A device that says after {@code =>} what the user said before, one byte a token: replies of a test are what its request asks for. */
final class EchoDevice implements Executable {
    static final String TEMPLATE = """
        {%- for tool in tools or [] %}tool {{ tool.function.name }}, called by <tool_call>
        {% endfor %}
        {%- for m in messages %}
        {%- if m.role == 'assistant' %}=>{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}
        {%- else %}{{ m.role }}: {{ m.content }}{% endif %}{{ "\\n" }}
        {%- endfor %}
        {%- if shout is defined %}{{ shout }}{% endif %}
        {%- if add_generation_prompt %}=>{% endif %}""";
    private static final int END = 256;
    private static final int VOCAB = 260;
    private static final int CONTEXT = 512;

    private final Limits limits = new Limits(64, 8, 8, CONTEXT, 256);
    private final HostTexts texts = new HostTexts(limits);
    private int[] sampledBefore = {};
    private final int[] cache = new int[limits.kvPages() * KvPool.PAGE_TOKENS];
    private final KvPool pool = new KvPool(limits.kvPages(), (from, to) -> {
        System.arraycopy(cache, from * KvPool.PAGE_TOKENS, cache, to * KvPool.PAGE_TOKENS, KvPool.PAGE_TOKENS);
        texts.copyPage(from, to);
    });
    private final Sampler sampler = new Sampler();
    boolean lost;
    int steps;
    /** Computed in all steps. */
    int tokens;

    static Engine engine(EchoDevice device, ChatTemplate template, Json.Obj defaults, Clock clock) {
        Value logits = new Value(0, "logits", DType.F32, Shape.of(Shape.OUTPUTS, VOCAB));
        Graph graph = new Graph("echo", List.of(), List.of(), List.of(), logits, null, null);
        Model model = new Model("echo-1b", null, null, graph, new ByteTokenizer(VOCAB), template, CONTEXT, new int[] {END}, defaults);
        return new Engine(model, device, new EngineOptions(0, 8, 10, 64, 0, DType.F32, 1), clock);
    }

    static ChatTemplate template() {
        return JinjaTemplate.of(TEMPLATE, null, null, Clock.SYSTEM);
    }

    /** The token after {@code text}. */
    private static int next(byte[] text) {
        String said = new String(text, StandardCharsets.ISO_8859_1);
        int arrow = said.lastIndexOf("=>");
        if (arrow < 0) {
            return END;
        }
        String before = said.substring(0, said.startsWith("\n", arrow - 1) ? arrow - 1 : arrow);
        String answer = before.substring(before.lastIndexOf("user: ") + (before.contains("user: ") ? 6 : 1));
        int place = said.length() - arrow - 2;
        return place < answer.length() ? answer.charAt(place) : END;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public KvPool kvPool() {
        return pool;
    }

    @Override
    public void write(Value value, float[] data) {
        throw new UnsupportedOperationException();
    }

    @Override
    public float[] awaitRead(Value value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Step submit(Batch batch) {
        steps++;
        FlatBatch flat = FlatBatch.of(batch, limits, pool, VOCAB);
        tokens += flat.tokens;
        texts.begin(flat, sampledBefore);
        for (int i = 0; i < flat.tokens; i++) {
            cache[flat.slots[i]] = flat.tokenIds[i];
        }
        float[] logits = new float[flat.outputs * VOCAB];
        int[] sampled = new int[flat.outputs];
        for (int row = 0; row < flat.outputs; row++) {
            int sequence = flat.sequenceOf[flat.outputTokens[row]];
            byte[] text = new byte[flat.outputPositions[row]];
            for (int p = 0; p < text.length; p++) {
                int page = flat.pageTable[sequence * flat.pageStride + p / KvPool.PAGE_TOKENS];
                text[p] = (byte) cache[page * KvPool.PAGE_TOKENS + p % KvPool.PAGE_TOKENS];
            }
            logits[row * VOCAB + next(text)] = 100;
            sampled[row] = texts.sample(sampler, flat, row, logits, VOCAB);
        }
        sampledBefore = sampled;
        return new Step() {
            @Override
            public int[] awaitTokens() {
                if (lost) {
                    throw new CremaException(ErrorCode.DEVICE_LOST, "The echo was lost.", "Shout again.");
                }
                return sampled;
            }

            @Override
            public float[] awaitLogits() {
                return logits;
            }

            @Override
            public float[] awaitValue(Value value) {
                throw new UnsupportedOperationException();
            }
        };
    }

    @Override
    public void close() { }
}
