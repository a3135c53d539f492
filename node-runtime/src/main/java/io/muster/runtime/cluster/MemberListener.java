package io.muster.runtime.cluster;

/**
 * Hears which members come and go, on the Vert.x context it was registered from. A member that was
 * cut off for a while goes and comes again under the same id.
 */
public interface MemberListener {
  /** A member is there, which was not. */
  void joined(String memberId);

  /** A member is gone: it left, died, or fell silent for too long. */
  void left(String memberId);
}
