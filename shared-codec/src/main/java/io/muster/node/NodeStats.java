package io.muster.node;

/**
 * What a node has done since its process started.
 *
 * @param active jobs it runs now
 * @param completed jobs that ended well
 * @param failed jobs that did not, cancelled ones not among them
 * @param cancelled jobs whose client went away
 * @param averageResponseMs mean time from a job's arrival to its end, in milliseconds, of the ended
 *     ones
 */
public record NodeStats(
    int active, long completed, long failed, long cancelled, double averageResponseMs) {
  public static final NodeStats NONE = new NodeStats(0, 0, 0, 0, 0);

  public long total() {
    return active + completed + failed + cancelled;
  }
}
