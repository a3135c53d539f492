package io.muster.hub.chat;

/**
 * How sessions are kept.
 *
 * @param idleMinutes after which an idle session is forgotten; 0 for never
 * @param contextTokens the context of models that do not tell theirs
 * @param maxTurns how many turns of a session are kept
 * @param systemPrompt what every conversation begins with; null for nothing
 * @param maxWaiting how many turns of one session may wait in this hub
 * @param waitMs milliseconds that a turn waits for those before it
 * @param leaseMs milliseconds after which a dead hub's turn no longer holds its session; a living
 *     hub extends it
 * @param turnTimeoutMs milliseconds after which a turn that was neither committed nor abandoned is
 *     taken as abandoned; longer than any job may take
 */
public record ChatOptions(
    int idleMinutes,
    int contextTokens,
    int maxTurns,
    String systemPrompt,
    int maxWaiting,
    int waitMs,
    int leaseMs,
    int turnTimeoutMs) {

  /** What the settings say, with the rest as it is shipped. */
  public static ChatOptions of(
      int idleMinutes, int contextTokens, int maxTurns, String systemPrompt, int jobTimeoutMs) {
    return new ChatOptions(
        idleMinutes,
        contextTokens,
        maxTurns,
        systemPrompt,
        256,
        120_000,
        10_000,
        jobTimeoutMs + 60_000);
  }

  /** The settings' defaults. */
  public static ChatOptions defaults() {
    return of(1440, 8192, 1000, null, 600_000);
  }
}
