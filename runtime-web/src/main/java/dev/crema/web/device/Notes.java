package dev.crema.web.device;

/** A small memory across visits of what was found out about a GPU. What is kept may be gone the next time, or be anything: losing it costs time only. */
public interface Notes {
    /** What was remembered under the key last, or null. */
    String awaitRecall(String key);

    void remember(String key, String text);
}
