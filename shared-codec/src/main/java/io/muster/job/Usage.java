package io.muster.job;

/**
 * Tokens that a job took.
 *
 * @param estimated counted by Muster, because the provider did not say
 */
public record Usage(int promptTokens, int completionTokens, boolean estimated) {
  public static final Usage NONE = new Usage(0, 0, true);

  @com.fasterxml.jackson.annotation.JsonIgnore
  public int totalTokens() {
    return promptTokens + completionTokens;
  }
}
