package io.muster.hub.tool;

/**
 * Bounds of chats that use tools.
 *
 * @param maxRounds how often a model may ask for tools before it has to answer
 * @param maxCalls tools that one answer of a model may call
 * @param chatMs milliseconds for all of it
 * @param callMs milliseconds for one call
 * @param maxResultChars what a model is shown of one result
 */
public record ToolOptions(
    int maxRounds, int maxCalls, long chatMs, long callMs, int maxResultChars) {
  /** The settings' own defaults. */
  public static ToolOptions defaults() {
    return new ToolOptions(8, 16, 300_000, 60_000, 20_000);
  }
}
