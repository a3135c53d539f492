package io.muster.hub.http;

import io.muster.hub.dispatch.JobHandle;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/**
 * A job's stream on its way to a client, whatever its protocol. The head goes out with the first
 * piece, so that whatever fails before is a real HTTP status. Pieces of one turn of the event loop
 * leave together, at its end. Credit is granted as the client takes what was written, so that a
 * slow client holds up its own job and nobody's memory.
 */
final class ClientStream implements Handler<Void> {
  private static final CharSequence CACHE_CONTROL_VALUE = HttpHeaders.createOptimized("no-cache");

  /** nginx would else hold the pieces back. */
  private static final CharSequence X_ACCEL_BUFFERING =
      HttpHeaders.createOptimized("x-accel-buffering");

  private static final CharSequence NO = HttpHeaders.createOptimized("no");

  private final Exchange exchange;
  private final HttpServerResponse response;
  private final Streams streams;
  private final CharSequence contentType;
  private final byte[] keepAlive;
  private JobHandle job;
  private final Pieces pending = new Pieces();
  private boolean scheduled;
  private boolean opened;
  private boolean over;

  /** Pieces that are to be written, or were and wait for the client; granted once it has them. */
  private int owed;

  private long stalledSince;
  private long stalledAt;
  private boolean stalled;
  private long lastWrite = System.nanoTime();

  /**
   * A stream that has not begun.
   *
   * @param keepAlive what may be sent at any time and means nothing; null when there is no such
   *     thing
   */
  ClientStream(Exchange exchange, Streams streams, CharSequence contentType, byte[] keepAlive) {
    this.exchange = exchange;
    this.response = exchange.response();
    this.streams = streams;
    this.contentType = contentType;
    this.keepAlive = keepAlive;
    streams.add(this);
    exchange.whenGone(this::gone);
  }

  /** The job whose stream it is; cancelled when the client leaves. */
  void follow(JobHandle handle) {
    job = handle;
    if (over && !response.ended()) {
      handle.cancel("the client went away");
    } else if (!scheduled && !stalled) {
      grant();
    }
  }

  /** Whether the client has seen anything of it. */
  boolean begun() {
    return opened;
  }

  boolean over() {
    return over;
  }

  Exchange exchange() {
    return exchange;
  }

  /**
   * Writes the next piece.
   *
   * @param frames how many of the job's frames it stands for
   */
  void write(byte[] piece, int frames) {
    if (over) {
      return;
    }
    owed += frames;
    pending.add(piece);
    if (!scheduled) {
      scheduled = true;
      streams.context().runOnContext(this);
    }
  }

  /** So many of the job's frames gave nothing to write. */
  void skip(int frames) {
    owed += frames;
    if (!scheduled && !stalled) {
      grant();
    }
  }

  /** Writes what is left, and ends the answer as an answer that is whole. */
  void end(byte[] tail) {
    if (over) {
      return;
    }
    close();
    pending.add(tail);
    boolean unknownLength = opened && response.headWritten();
    if (!opened) {
      // All of it came at once: the length is known, and the answer is one write.
      head();
    }
    var unused =
        response
            .end(pending.take())
            .onComplete(
                written -> {
                  if (unknownLength && exchange.request().version() == HttpVersion.HTTP_1_0) {
                    exchange.closeConnection();
                  }
                });
  }

  /**
   * The stream cannot go on: tells why, and ends the connection without the end that a whole stream
   * has. Where nothing was sent yet the error is the answer.
   */
  void fail(ApiError error, byte[] asPiece) {
    if (over) {
      return;
    }
    close();
    if (!opened) {
      exchange.fail(error);
      return;
    }
    pending.add(asPiece);
    exchange.failedWith(error.status());
    if (exchange.http1()) {
      exchange.cutAfter(pending.take());
    } else {
      var unused = response.end(pending.take());
    }
  }

  /** The end of the turn in which something was written. */
  @Override
  public void handle(Void turn) {
    scheduled = false;
    if (!over && !pending.isEmpty()) {
      send(pending.take());
    }
  }

  /** Looks what time has done to it. */
  void look(long now, long stallNanos, long keepAliveNanos) {
    if (over) {
      return;
    }
    if (stalled) {
      long progress = exchange.progress();
      if (progress != stalledAt) {
        // Slow, but it reads.
        stalledAt = progress;
        stalledSince = now;
      } else if (now - stalledSince > stallNanos) {
        close();
        cancel("the client does not read its stream");
        exchange.cut();
      }
    } else if (keepAlive != null && keepAliveNanos > 0 && now - lastWrite > keepAliveNanos) {
      pending.add(keepAlive);
      send(pending.take());
    }
  }

  private void send(Buffer piece) {
    if (!opened) {
      opened = true;
      head();
      response.setChunked(true); // which does nothing on HTTP/1.0
      if (exchange.request().version() == HttpVersion.HTTP_1_0) {
        // Its end is the connection's. Vert.x writes what the client asked for, hence so late.
        response.headersEndHandler(
            v -> response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
      }
    }
    lastWrite = System.nanoTime();
    var unused = response.write(piece);
    if (over) {
      return;
    }
    if (response.writeQueueFull()) {
      if (!stalled) {
        stalled = true;
        stalledSince = lastWrite;
        stalledAt = exchange.progress();
        response.drainHandler(drained -> drained());
      }
    } else {
      grant();
    }
  }

  private void drained() {
    stalled = false;
    if (!over) {
      grant();
    }
  }

  private void grant() {
    if (owed > 0 && job != null) {
      int frames = owed;
      owed = 0;
      job.grant(frames);
    }
  }

  private void head() {
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
        .putHeader(HttpHeaders.CACHE_CONTROL, CACHE_CONTROL_VALUE)
        .putHeader(X_ACCEL_BUFFERING, NO);
  }

  private void gone() {
    if (!over) {
      close();
      cancel("the client went away");
    }
  }

  private void cancel(String reason) {
    if (job != null) {
      job.cancel(reason);
    }
  }

  private void close() {
    over = true;
    streams.remove(this);
  }
}
