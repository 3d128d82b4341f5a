package dev.crema.jvm;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.Progress;
import dev.crema.api.ChatService;
import dev.crema.api.ReplySink;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.engine.Engine;
import dev.crema.engine.EngineOptions;
import dev.crema.engine.EngineStatus;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.engine.SlotStatus;
import dev.crema.json.Json;
import dev.crema.jvm.files.ModelSource;
import dev.crema.jvm.files.OpenModelFiles;
import dev.crema.tensor.DType;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A loaded model, ready to talk. Any number of threads may use it at once: their requests share the device step by step. Closing it ends what
 * still runs with CLOSED and frees all memory.
 *
 * {@snippet :
 * try (var crema = Crema.loadDefault()) {
 *     System.out.println(crema.chat("What is the capital of France?").text());
 * }
 * }
 */
public final class Crema implements AutoCloseable {
    private final Model model;
    private final DeviceInfo device;
    private final int contextLength;
    private final EngineThread thread;
    private ChatService service;

    private Crema(Model model, DeviceInfo device, int contextLength, EngineThread thread) {
        this.model = model;
        this.device = device;
        this.contextLength = contextLength;
        this.thread = thread;
    }

    /** Loads a model: a GGUF file, a Hugging Face folder, or an http(s) URL of either (fetched once into the cache). */
    public static Crema load(String model) {
        return loader().model(model).load();
    }

    /** Loads the small model that comes with Crema. */
    public static Crema loadDefault() {
        return loader().load();
    }

    /** Loading with choices. */
    public static Loader loader() {
        return new Loader();
    }

    /** What to load and how; what is not set takes its default. */
    public static final class Loader {
        private String source;
        private String id;
        private String deviceKind;
        private boolean repacks = true;
        private EngineOptions options = EngineOptions.DEFAULT;
        private Progress progress = Progress.NONE;
        private Cancellation cancellation = new Cancellation();

        private Loader() { }

        /** Path or URL; null for the embedded model. */
        public Loader model(String pathOrUrl) {
            source = pathOrUrl;
            return this;
        }

        /** What the API calls the model; its file's or folder's name unless set. */
        public Loader id(String name) {
            id = name;
            return this;
        }

        /** One of {@link Devices#kinds()}; null for the best there is. */
        public Loader device(String kind) {
            deviceKind = kind;
            return this;
        }

        /**
         * Whether the vector device may keep 4-bit weights in an order of its own, in which they are about three times as fast; true unless set.
         * Without it weights stay in the mapped file: they load at once, and processes with the same file share its memory.
         */
        public Loader repack(boolean allowed) {
            repacks = allowed;
            return this;
        }

        /** Tokens of prompt and reply together, at most; 0 for the model's own limit. */
        public Loader contextLength(int tokens) {
            options = new EngineOptions(tokens, options.maxSequences(), options.maxQueued(), options.prefillChunk(), options.kvTokens(),
                options.kvType(), options.stepsAhead());
            return this;
        }

        /** Requests that run at once, and how many more may wait for them. */
        public Loader parallel(int running, int queued) {
            options = new EngineOptions(options.contextLength(), running, queued, options.prefillChunk(), options.kvTokens(), options.kvType(),
                options.stepsAhead());
            return this;
        }

        /** The number format of the KV cache: smaller ones hold more tokens, and round what they hold; F32 unless set. */
        public Loader kvType(DType format) {
            options = new EngineOptions(options.contextLength(), options.maxSequences(), options.maxQueued(), options.prefillChunk(),
                options.kvTokens(), format, options.stepsAhead());
            return this;
        }

        /** Hears of downloads and uploads, from threads of Crema's own. */
        public Loader progress(Progress receiver) {
            progress = receiver;
            return this;
        }

        /** Raised from another thread to give up loading. */
        public Loader cancellation(Cancellation flag) {
            cancellation = flag;
            return this;
        }

        /** Loads; throws a {@link CremaException} with everything freed again. */
        public Crema load() {
            Devices.prepare(deviceKind);
            OpenModelFiles files = ModelSource.open(source, progress, cancellation);
            try {
                Model model = ModelLoader.awaitOpen(files, id, options.contextLength());
                return start(files, model);
            } catch (RuntimeException | Error e) {
                files.close();
                throw e;
            }
        }

        private Crema start(OpenModelFiles files, Model model) {
            var opened = new CompletableFuture<Device>();
            var thread = new EngineThread(() -> {
                Device device = Devices.open(deviceKind, Runtime.getRuntime().availableProcessors(), repacks);
                opened.complete(device);
                return ModelLoader.awaitLoad(model, device, options, Clock.SYSTEM, progress, cancellation);
            }, () -> {
                if (opened.isDone()) {
                    opened.join().close();
                }
                files.close();
            });
            Engine engine = thread.awaitLoaded();
            return new Crema(model, opened.join().info(), engine.contextLength(), thread);
        }
    }

    /** What is known of the model. */
    public Model model() {
        return model;
    }

    /** Where it runs, and why there. */
    public DeviceInfo device() {
        return device;
    }

    /** Tokens of prompt and reply together, at most. */
    public int contextLength() {
        return contextLength;
    }

    /** False once it is closed, or has ended on an error that it can't recover from. */
    public boolean isOpen() {
        return thread.isOpen();
    }

    /** What the engine is doing now. */
    public EngineStatus status() {
        return ask(Engine::status);
    }

    /** The requests that run and wait. */
    public List<SlotStatus> slots() {
        return ask(Engine::slots);
    }

    /** Asks the engine's thread, between two steps. */
    private <T> T ask(Function<Engine, T> question) {
        var answer = new CompletableFuture<T>();
        thread.submit((engine, failure) -> {
            if (failure == null) {
                answer.complete(question.apply(engine));
            } else {
                answer.completeExceptionally(failure);
            }
        });
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof CremaException known ? known : e;
        }
    }

    /** Asks one question, without a conversation before it. */
    public ChatReply chat(String question) {
        return chat(Message.user(question));
    }

    /** The reply to a conversation. */
    public ChatReply chat(Message... messages) {
        return chat(List.of(messages), GenerateOptions.DEFAULT);
    }

    public ChatReply chat(List<Message> messages, GenerateOptions options) {
        return stream(messages, options).result();
    }

    /** The reply to a conversation, its text handed on as it is written, by the calling thread. */
    public ChatReply stream(List<Message> messages, Consumer<String> onText) {
        ReplyStream<ChatReply> reply = stream(messages, GenerateOptions.DEFAULT);
        return forEach(reply, onText);
    }

    /** The reply to a conversation, to be read piece by piece. */
    public ReplyStream<ChatReply> stream(List<Message> messages, GenerateOptions options) {
        var request = new Json.Obj();
        var list = new Json.Arr();
        messages.forEach(message -> list.add(message.toJson()));
        request.put("messages", list);
        options.addTo(request);
        return streamChat(request, options.cancellation());
    }

    /** The reply to an OpenAI chat request, whatever it holds (tools, penalties); {@code stream} is set. {@code cancellation} may be null. */
    public ReplyStream<ChatReply> streamChat(Json.Obj request, Cancellation cancellation) {
        Cancellation flag = cancellation == null ? new Cancellation() : cancellation;
        var reply = new ReplyStream<ChatReply>(flag);
        var body = new Json.Obj();
        body.members().putAll(request.members());
        body.put("stream", true).put("stream_options", new Json.Obj().put("include_usage", true));
        handle("/v1/chat/completions", body.toString(), new ChatSink(reply), flag);
        return reply;
    }

    /** Continues a raw prompt: no template, only the begin token where the tokenizer wants one. */
    public Completion complete(String prompt, GenerateOptions options) {
        return streamCompletion(prompt, options).result();
    }

    /** As {@link #complete(String, GenerateOptions)}, with the text handed on as it is written, by the calling thread. */
    public Completion complete(String prompt, GenerateOptions options, Consumer<String> onText) {
        return forEach(streamCompletion(prompt, options), onText);
    }

    /** As {@link #complete(String, GenerateOptions)}, to be read piece by piece. */
    public ReplyStream<Completion> streamCompletion(String prompt, GenerateOptions options) {
        Cancellation flag = options.cancellation() == null ? new Cancellation() : options.cancellation();
        var reply = new ReplyStream<Completion>(flag);
        var request = CompletionRequests.of(model, prompt, options, flag);
        thread.submit((engine, failure) -> {
            if (failure != null) {
                reply.fail(failure);
                return;
            }
            try {
                engine.submit(request, new CompletionListener(reply));
            } catch (CremaException e) {
                reply.fail(e);
            }
        });
        return reply;
    }

    /**
     * Handles a request of the OpenAI API as JSON text, see {@link ChatService#handle}. Returns at once; the sink is called by the engine's thread
     * and must not block it.
     */
    public void handle(String path, String body, ReplySink sink, Cancellation cancellation) {
        thread.submit((engine, failure) -> {
            if (failure != null) {
                sink.error(failure.code().status(), Errors.toJson(failure));
                return;
            }
            if (service == null) {
                service = new ChatService(engine, Clock.SYSTEM);
            }
            service.handle(path, body, sink, cancellation);
        });
    }

    private static <T> T forEach(ReplyStream<T> reply, Consumer<String> onText) {
        try {
            reply.forEachRemaining(onText);
        } catch (RuntimeException | Error e) {
            reply.close();
            throw e;
        }
        return reply.result();
    }

    @Override
    public void close() {
        thread.close();
    }
}
