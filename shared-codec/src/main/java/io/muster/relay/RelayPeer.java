package io.muster.relay;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One end of a relay: sends what belongs on the other side's bus, and hands on what comes from
 * there. Lives as long as its connection. Used on one event loop only.
 */
public final class RelayPeer {
  /** Below what every WebSocket takes in one frame by default, 64 KiB. */
  public static final int USUAL_FRAME_BYTES = 60 * 1024;

  private final Socket socket;
  private final Inward inward;
  private final Limits limits;
  private final RelayReader reader;
  private final RelayWriter writer;
  private final Map<Long, Pending> pending = new HashMap<>();
  private long lastNumber;
  private int underWay;
  private boolean closed;

  /**
   * @param frameBytes the biggest frame sent; messages may be bigger
   * @param messageBytes the biggest message taken; a bigger one ends the connection
   * @param queueBytes how much may wait for the socket to take it
   * @param questions how many of the other side's questions are worked on at once
   */
  public record Limits(int frameBytes, int messageBytes, int queueBytes, int questions) {}

  private record Pending(Promise<Record> answer, Runnable callOff) {}

  public RelayPeer(Socket socket, Inward inward, Limits limits) {
    this.socket = socket;
    this.inward = inward;
    this.limits = limits;
    this.reader = new RelayReader(limits.messageBytes(), this::take);
    this.writer = new RelayWriter(socket, limits.frameBytes(), limits.queueBytes());
  }

  /**
   * A binary frame came.
   *
   * @throws RelayException when it cannot be a relay's: the connection is of no use then
   */
  public void receive(Buffer frame) {
    if (!closed) {
      reader.read(frame);
    }
  }

  /**
   * Sends a message for one of those who serve the address over there.
   *
   * @return when it was handed to the socket; {@link Failure#TOO_LARGE} when the other side would
   *     not take it, {@link Failure#UNREACHABLE} when the connection is gone or too far behind
   */
  public Future<Void> tell(String address, Record message) {
    return send(new RelayMessage.Tell(address, message));
  }

  /** Sends a message for all who listen at the address over there. */
  public Future<Void> publish(String address, Record message) {
    return send(new RelayMessage.Publish(address, message));
  }

  /**
   * Asks whoever serves the address over there.
   *
   * @return the reply, or what {@link io.muster.bus.Bus#ask} fails with
   */
  public Future<Record> ask(String address, Record question, Duration timeout) {
    long number = ++lastNumber;
    Promise<Record> answer = Promise.promise();
    Runnable callOff =
        socket.later(
            timeout.toMillis(),
            () -> fail(number, Failure.UNREACHABLE, "no reply from " + address + " in time"));
    pending.put(number, new Pending(answer, callOff));
    int timeoutMs = (int) Math.min(Integer.MAX_VALUE, timeout.toMillis());
    send(new RelayMessage.Ask(address, number, timeoutMs, question))
        .onFailure(
            cause -> {
              Fault fault = Fault.from(cause);
              fail(number, fault.failure(), fault.message());
            });
    return answer.future();
  }

  /** Bytes that wait for the socket to take them. */
  public long queuedBytes() {
    return writer.queued();
  }

  /** The connection is gone: what waits for an answer fails. */
  public void close() {
    closed = true;
    writer.close();
    List<Long> open = new ArrayList<>(pending.keySet());
    open.forEach(number -> fail(number, Failure.UNREACHABLE, "the connection broke"));
  }

  private Future<Void> send(RelayMessage message) {
    if (closed) {
      return unreachable("the connection is gone");
    }
    Buffer bytes;
    try {
      bytes = RelayCodec.encode(message);
    } catch (RuntimeException e) {
      return Future.failedFuture(new FaultException(Failure.INTERNAL, e.getMessage()));
    }
    if (bytes.length() - RelayCodec.LENGTH_BYTES > limits.messageBytes()) {
      return Future.failedFuture(
          new FaultException(
              Failure.TOO_LARGE,
              "a message of %d bytes: %d are allowed over a socket"
                  .formatted(bytes.length(), limits.messageBytes())));
    }
    if (writer.isFullFor(bytes.length())) {
      return unreachable("the connection takes too little: " + writer.queued() + " bytes wait");
    }
    return writer.add(bytes).recover(cause -> unreachable(cause.getMessage()));
  }

  private static <T> Future<T> unreachable(String why) {
    return Future.failedFuture(new FaultException(Failure.UNREACHABLE, why));
  }

  private void take(RelayMessage message) {
    if (message instanceof RelayMessage.Tell tell) {
      inward.tell(tell.address(), tell.body());
    } else if (message instanceof RelayMessage.Publish publish) {
      inward.publish(publish.address(), publish.body());
    } else if (message instanceof RelayMessage.Ask ask) {
      answer(ask);
    } else if (message instanceof RelayMessage.Reply reply) {
      Pending asked = pending.remove(reply.number());
      if (asked != null) {
        asked.callOff.run();
        asked.answer.complete(reply.body());
      }
    } else if (message instanceof RelayMessage.Fail failed) {
      fail(failed.number(), failed.failure(), failed.message());
    } else if (message instanceof RelayMessage.Unreadable unreadable) {
      inward.unreadable(unreadable.why());
      if (unreadable.number() != 0) {
        send(new RelayMessage.Fail(unreadable.number(), Failure.BAD_REQUEST, unreadable.why()));
      }
    }
  }

  private void answer(RelayMessage.Ask ask) {
    if (underWay >= limits.questions()) {
      send(
          new RelayMessage.Fail(
              ask.number(),
              Failure.RATE_LIMITED,
              limits.questions() + " questions are worked on already"));
      return;
    }
    underWay++;
    Future<Record> answer;
    try {
      answer =
          inward.ask(ask.address(), ask.body(), Duration.ofMillis(Math.max(1, ask.timeoutMs())));
    } catch (RuntimeException e) {
      answer = Future.failedFuture(e);
    }
    answer.onComplete(
        body -> {
          underWay--;
          send(new RelayMessage.Reply(ask.number(), body))
              .onFailure(cause -> refuse(ask.number(), cause));
        },
        cause -> {
          underWay--;
          refuse(ask.number(), cause);
        });
  }

  private void refuse(long number, Throwable cause) {
    Fault fault = Fault.from(cause);
    send(new RelayMessage.Fail(number, fault.failure(), fault.message()));
  }

  private void fail(long number, Failure failure, String message) {
    Pending asked = pending.remove(number);
    if (asked != null) {
      asked.callOff.run();
      asked.answer.fail(new FaultException(failure, message));
    }
  }
}
