package dev.crema.web.device;

/** Keeps what a tuner found between visits. One that fails gives null and forgets: tuning again costs less than an error. */
public interface TuneStore {
    /** What was saved under the key last, or null; suspends. */
    String awaitLoad(String key);

    void save(String key, String text);
}
