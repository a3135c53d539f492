package io.muster.worker.tool.code;

import io.vertx.core.json.JsonObject;

/**
 * How a run ended.
 *
 * @param exitCode 128 and the signal for one that was killed
 * @param timedOut whether its time was over
 * @param truncated whether it had more to say than is kept
 */
record Outcome(
    int exitCode, boolean timedOut, String stdout, String stderr, boolean truncated, long ms) {
  JsonObject toJson() {
    return new JsonObject()
        .put("exit_code", exitCode)
        .put("timed_out", timedOut)
        .put("stdout", stdout)
        .put("stderr", stderr)
        .put("truncated", truncated)
        .put("ms", ms);
  }
}
