package dev.crema.web;

/** Where the compiled module begins. */
public final class Main {
    private Main() {
    }

    /** Called once by the worker after the module has been instantiated. */
    public static void main(String[] args) {
    }
}
