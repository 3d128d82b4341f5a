package dev.crema.web.selftest;

/** A small memory across visits, by key. What is kept may be gone the next time, or be anything. */
public interface Notes {
    /** Null where nothing is known. */
    String awaitRecall(String key);

    void keep(String key, String text);
}
