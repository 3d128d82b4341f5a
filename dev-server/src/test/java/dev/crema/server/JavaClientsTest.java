package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.crema.jvm.Crema;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Java's clients of OpenAI's API, unmodified: openai-java and langchain4j-open-ai. */
@Timeout(120)
class JavaClientsTest {
    private static final String GREETING = "Hello! How can I help you?";
    private static final String QUESTION = "What is the weather in Paris?";

    private static Crema crema;
    private static OpenAiServer server;
    private static OpenAIClient openAi;

    @BeforeAll
    static void start() {
        crema = Crema.load(Tiny.path());
        server = new OpenAiServer(OpenAiServer.Settings.DEFAULT);
        server.serve(ModelPool.of(crema));
        openAi = OpenAIOkHttpClient.builder().baseUrl(server.address() + "/v1").apiKey("none").maxRetries(0).build();
    }

    @AfterAll
    static void stop() {
        openAi.close();
        server.close();
        crema.close();
    }

    private static ChatCompletionCreateParams.Builder ask(String text) {
        return ChatCompletionCreateParams.builder().model("default").addUserMessage(text).maxCompletionTokens(60).temperature(0);
    }

    @Test
    void openAiAnswers() {
        ChatCompletion reply = openAi.chat().completions().create(ask("Hello!").build());
        reply.validate();
        assertEquals(GREETING, reply.choices().getFirst().message().content().orElseThrow());
        assertEquals(ChatCompletion.Choice.FinishReason.STOP, reply.choices().getFirst().finishReason());
        assertEquals(10, reply.usage().orElseThrow().promptTokens());
    }

    @Test
    void openAiStreams() {
        var whole = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream = openAi.chat().completions().createStreaming(ask("Hello!").build())) {
            stream.stream().peek(ChatCompletionChunk::validate).forEach(whole::accumulate);
        }
        assertEquals(GREETING, whole.chatCompletion().choices().getFirst().message().content().orElseThrow());
    }

    @Test
    void openAiCallsATool() {
        // As the embedded model has learnt tools.
        var parameters = FunctionParameters.builder().putAdditionalProperty("type", JsonValue.from("object"))
            .putAdditionalProperty("properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
            .putAdditionalProperty("required", JsonValue.from(List.of("city"))).build();
        var weather = FunctionDefinition.builder().name("get_weather").description("Get the weather of a city").parameters(parameters).build();
        ChatCompletion reply = openAi.chat().completions().create(ask(QUESTION).addFunctionTool(weather).build());
        reply.validate();
        var call = reply.choices().getFirst().message().toolCalls().orElseThrow().getFirst().asFunction().function();
        assertEquals("get_weather {\"city\":\"Paris\"}", call.name() + " " + call.arguments().replace(" ", ""));
    }

    @Test
    void openAiListsEmbedsAndComplains() {
        assertEquals("crema-tiny", openAi.models().list().items().getFirst().id());
        var embeddings = openAi.embeddings().create(EmbeddingCreateParams.builder().model("default").inputOfArrayOfStrings(List.of("A cat", "A dog")).build());
        embeddings.validate();
        assertEquals(2, embeddings.data().size());
        var error = assertThrows(NotFoundException.class, () -> openAi.chat().completions().create(ask("Hello!").model("gpt-9").build()));
        assertTrue(error.getMessage().contains("gpt-9"), error.getMessage());
    }

    private static OpenAiChatModel langChain() {
        return OpenAiChatModel.builder().baseUrl(server.address() + "/v1").apiKey("none").modelName("default").temperature(0.0).maxTokens(60).maxRetries(0).build();
    }

    @Test
    void langChainAnswers() {
        assertEquals(GREETING, langChain().chat("Hello!"));
    }

    @Test
    void langChainStreams() {
        var model = OpenAiStreamingChatModel.builder().baseUrl(server.address() + "/v1").apiKey("none").modelName("default").temperature(0.0).maxTokens(60).build();
        var pieces = new ArrayList<String>();
        var whole = new CompletableFuture<ChatResponse>();
        model.chat("Hello!", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                pieces.add(piece);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                whole.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                whole.completeExceptionally(error);
            }
        });
        assertEquals(GREETING, whole.join().aiMessage().text());
        assertEquals(GREETING, String.join("", pieces));
        assertTrue(pieces.size() > 3, pieces.toString());
        assertEquals(10, whole.join().tokenUsage().inputTokenCount());
    }

    @Test
    void langChainCallsAToolAndTellsItsResult() {
        var weather = ToolSpecification.builder().name("get_weather").description("Get the weather of a city")
            .parameters(JsonObjectSchema.builder().addStringProperty("city").required("city").build()).build();
        var messages = new ArrayList<ChatMessage>(List.of(UserMessage.from(QUESTION)));
        AiMessage first = langChain().chat(ChatRequest.builder().messages(messages).toolSpecifications(weather).build()).aiMessage();
        assertEquals("get_weather", first.toolExecutionRequests().getFirst().name());
        assertEquals("{\"city\":\"Paris\"}", first.toolExecutionRequests().getFirst().arguments().replace(" ", ""));
        messages.add(first);
        messages.add(ToolExecutionResultMessage.from(first.toolExecutionRequests().getFirst(), "{\"temperature\": 21}"));
        AiMessage second = langChain().chat(ChatRequest.builder().messages(messages).toolSpecifications(weather).build()).aiMessage();
        assertTrue(!second.text().isBlank(), second.toString());
    }
}
