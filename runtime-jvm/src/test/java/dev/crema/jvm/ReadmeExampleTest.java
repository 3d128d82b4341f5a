package dev.crema.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.List;

/** The Java of the README, compiled and run. */
class ReadmeExampleTest {
    @Test
    void chat() {
        String model = CremaTest.tiny();
        try (Crema crema = Crema.load(model)) {
            System.out.println(crema.chat("What is the capital of France?"));

            // Piece by piece; closing the stream early stops the generation.
            var conversation = List.of(Message.system("Be brief."), Message.user("Hello!"));
            try (var reply = crema.stream(conversation, GenerateOptions.DEFAULT.withMaxTokens(100))) {
                for (String text : reply) {
                    System.out.print(text);
                }
                assertEquals("stop", reply.result().finishReason());
            }
        }
    }
}
