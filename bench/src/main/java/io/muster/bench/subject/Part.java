package io.muster.bench.subject;

/**
 * A process of a subject, whose CPU and memory are measured.
 *
 * @param name what it is, as the report calls it
 */
public record Part(String name, long pid) {}
