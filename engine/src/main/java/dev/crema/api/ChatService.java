package dev.crema.api;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.chat.Thinking;
import dev.crema.chat.ToolForm;
import dev.crema.engine.EmbeddingRequest;
import dev.crema.engine.Engine;
import dev.crema.engine.Model;
import dev.crema.grammar.CompiledGrammar;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.tokenizer.Tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** The OpenAI API over an engine: JSON text in, JSON text out. The page and the server differ in transport only. */
public final class ChatService {
    private static final String MODELS = "/v1/models";

    private final Engine engine;
    private final Clock clock;
    private final RandomBits random;
    private final Grammars grammars;
    private final long created;

    public ChatService(Engine engine, Clock clock) {
        this(engine, clock, RandomBits.of(clock));
    }

    /** {@code random} makes the ids, and the seeds of requests that bring none. */
    ChatService(Engine engine, Clock clock, RandomBits random) {
        this.engine = engine;
        this.clock = clock;
        this.random = random;
        grammars = new Grammars(engine.model());
        created = seconds(clock);
    }

    /**
     * Handles one request. {@code path} is one of {@link Routes}, {@code body} the request (none for {@code /v1/models}[/id]); anything else is NOT_FOUND. Returns once the request is queued; the sink hears the rest while the engine steps. Never throws
     * for what the request holds: errors go to the sink. Must be called by the engine's thread. {@code cancellation} belongs to this request
     * alone; it is raised when one choice of several fails.
     */
    public void handle(String path, String body, ReplySink sink, Cancellation cancellation) {
        try {
            switch (Routes.canonical(path)) {
                case "/v1/chat/completions" -> chat(parse(body), sink, cancellation);
                case "/v1/completions" -> complete(parse(body), sink, cancellation);
                case "/v1/responses" -> respond(parse(body), sink, cancellation);
                case "/v1/embeddings" -> embed(parse(body), sink, cancellation);
                case "/v1/tokenize" -> reply(body, sink, TokenService::tokenize);
                case "/v1/detokenize" -> reply(body, sink, TokenService::detokenize);
                case "/v1/apply-template" -> reply(body, sink, TokenService::applyTemplate);
                case MODELS -> sink.reply(new Json.Obj().put("object", "list").put("data", new Json.Arr().add(model())).toString());
                default -> {
                    if (!path.startsWith(MODELS + "/")) {
                        throw new CremaException(ErrorCode.NOT_FOUND, "There is nothing at '" + path + "'.",
                            Routes.list());
                    }
                    requireModel(percentDecoded(path.substring(MODELS.length() + 1)));
                    sink.reply(model().toString());
                }
            }
        } catch (RuntimeException thrown) {
            ApiError error = ApiError.of(ApiError.known(thrown));
            sink.error(error.status(), error.json());
        }
    }

    /** What is answered at once. */
    private void reply(String body, ReplySink sink, BiFunction<Model, Json.Obj, Json.Obj> answer) {
        Json.Obj request = parse(body);
        requireModel(new Fields(request).string("model", null));
        sink.reply(answer.apply(engine.model(), request).toString());
    }

    private static Json.Obj parse(String body) {
        if (body == null || body.isBlank()) {
            throw new CremaException(ErrorCode.INVALID_JSON, "The request has no body.", "Send a JSON object.");
        }
        return JsonParser.parseObject(body);
    }

    private void respond(Json.Obj body, ReplySink sink, Cancellation cancellation) {
        ResponsesRequest request = ResponsesRequest.read(body);
        try {
            ChatCompletionRequest chat = ChatCompletionRequest.read(request.chat(), engine.model().defaults());
            var response = new Json.Obj().put("id", random.id("resp_")).put("object", "response").put("created_at", seconds(clock)).put("status", "in_progress")
                .put("background", false).put("error", Json.NULL).put("incomplete_details", Json.NULL).put("model", engine.model().id());
            response.members().putAll(request.echo().members());
            response.put("temperature", shortest(chat.options().sampling().temperature())).put("top_p", shortest(chat.options().sampling().topP()))
                .put("usage", Json.NULL);
            var writer = new ResponseWriter(sink, request, random, response);
            chat(chat, writer, cancellation);
            writer.begin();
        } catch (CremaException error) {
            throw ResponsesRequest.renamed(error);
        }
    }

    private static double shortest(float number) {
        return Double.parseDouble(Float.toString(number));
    }

    private void chat(Json.Obj body, ReplySink sink, Cancellation cancellation) {
        chat(ChatCompletionRequest.read(body, engine.model().defaults()), sink, cancellation);
    }

    private void chat(ChatCompletionRequest request, ReplySink sink, Cancellation cancellation) {
        requireModel(request.options().model());
        Model model = engine.model();
        String prompt = Prompts.chat(model, request);
        String template = model.template().source();
        ChatShape shape = ChatShape.of(request, Thinking.of(template, prompt, request.continuesAssistant()), ToolForm.of(template), model.tokenizer(),
            grammars, clock);
        new ChatCall(engine, envelope("chatcmpl-"), request, shape, random, sink, cancellation)
            .start(Prompts.encode(model.tokenizer(), prompt), seed(request.options()));
    }

    private void complete(Json.Obj body, ReplySink sink, Cancellation cancellation) {
        CompletionRequest request = CompletionRequest.read(body, engine.model().defaults());
        requireModel(request.options().model());
        Tokenizer tokenizer = engine.model().tokenizer();
        List<int[]> prompts = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        List<Boolean> begun = new ArrayList<>();
        for (TokenInput prompt : request.prompts()) {
            int[] tokens = prompt.ids() != null ? checked(prompt.ids(), "prompt", tokenizer) : Prompts.encode(tokenizer, prompt.text());
            prompts.add(tokens);
            begun.add(prompt.text() != null && tokens.length > tokenizer.encode(prompt.text(), Tokenizer.Special.PARSE).length);
            texts.add(!request.echo() ? "" : prompt.text() != null ? prompt.text() : tokenizer.decode(tokens, true));
        }
        try {
            new CompletionCall(engine, envelope("cmpl-"), request, shape(request.options()), sink, cancellation)
                .start(prompts, texts, begun, seed(request.options()));
        } catch (CremaException error) {
            throw Prompts.ofPrompt(error);
        }
    }

    private void embed(Json.Obj body, ReplySink sink, Cancellation cancellation) {
        EmbeddingsRequest request = EmbeddingsRequest.read(body);
        requireModel(request.model());
        int size = engine.embeddingSize();
        if (request.dimensions() > size) {
            throw Fields.invalid("dimensions", "'dimensions' is " + request.dimensions() + "; the model's embeddings have " + size + ".");
        }
        Tokenizer tokenizer = engine.model().tokenizer();
        List<int[]> texts = new ArrayList<>();
        for (TokenInput input : request.inputs()) {
            texts.add(input.ids() != null ? checked(input.ids(), "input", tokenizer) : Prompts.encodeWhole(tokenizer, input.text()));
        }
        engine.submit(new EmbeddingRequest(texts, cancellation), new EmbeddingsReply(request, engine.model().id(), texts, sink));
    }

    private Shape shape(CompletionOptions options) {
        if (options.format() == null) {
            return Shape.FREE;
        }
        long start = clock.nanos();
        CompiledGrammar grammar = grammars.compiled(options.format());
        return new Shape(grammars, grammar, Set.of(), false, clock.nanos() - start);
    }

    private static int[] checked(int[] ids, String param, Tokenizer tokenizer) {
        for (int id : ids) {
            if (id >= tokenizer.vocabSize()) {
                throw Fields.invalid(param, "'" + param + "' has the token id " + id + "; the vocabulary has " + tokenizer.vocabSize() + ".");
            }
        }
        return ids;
    }

    private Envelope envelope(String prefix) {
        return new Envelope(random.id(prefix), seconds(clock), engine.model().id());
    }

    private long seed(CompletionOptions options) {
        return options.seed() != null ? options.seed() : random.next();
    }

    private static long seconds(Clock clock) {
        return Math.floorDiv(clock.epochMillis(), 1000L);
    }

    /** {@code null} and {@code default} mean whatever is loaded. */
    private void requireModel(String wanted) {
        Model loaded = engine.model();
        if (wanted != null && !wanted.equals(loaded.id()) && !wanted.equals("default")) {
            throw CremaException.ofParam(ErrorCode.MODEL_NOT_FOUND, "model", "The model '" + wanted + "' is not loaded; '" + loaded.id() + "' is.",
                "Send '" + loaded.id() + "' or leave 'model' out.");
        }
    }

    private Json.Obj model() {
        return new Json.Obj().put("id", engine.model().id()).put("object", "model").put("created", created).put("owned_by", "crema")
            .put("context_length", engine.contextLength());
    }

    /** Clients write the slashes of an id as {@code %2F}. ASCII only: nothing else stands in for a part of a path. */
    private static String percentDecoded(String text) {
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            int high = text.charAt(i) == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low >= 0 && high < 8) {
                out.append((char) (high << 4 | low));
                i += 2;
            } else {
                out.append(text.charAt(i));
            }
        }
        return out.toString();
    }
}
