package io.muster.worker.tool.code;

/**
 * What is to run.
 *
 * @param language one that the sandbox has
 * @param stdin what it reads, empty for nothing
 * @param timeoutMs milliseconds after which it is killed
 */
record Program(Language language, String code, String stdin, long timeoutMs) {}
