/**
 * Class files of libraries that are older than Java 6 become ones of Java 7 (goal {@code libraries}): the JVM's archives of classes take no older ones, so
 * those would be parsed and verified at every start.
 */
package dev.crema.build.libraries;
