package io.muster.worker.provider;

import io.muster.bus.Fault;

/**
 * Makes a job's answer out of what one server sends; knows nothing of connections. It hears {@code
 * read} as often as bytes come, then {@code end}; or at any time {@code fail}, and nothing more.
 */
interface ResponseReader {
  /** What a piece of the answer was. */
  enum Read {
    /** Nothing that a client gets: a comment, a ping, half an event. */
    NOISE,
    /** A part of the answer. */
    PART,
    /** The answer is complete and was told; what still comes is of no interest. */
    COMPLETE,
    /** The answer went wrong and that was told; the connection is of no use any more. */
    BROKEN
  }

  /** The next bytes, which nobody changes afterwards. */
  Read read(byte[] bytes);

  /** All has come. */
  Read end();

  /** Nothing (more) comes, or the server refused. */
  void fail(Fault fault);

  /** The job was cancelled: nobody wants to hear anything any more. */
  void cancelled();

  /**
   * Another request to send in place of one that the server refused; null when there is none.
   *
   * @param status the server's, 400 or higher
   * @param answer its body
   */
  default byte[] repair(int status, byte[] answer) {
    return null;
  }
}
