package io.muster.worker.provider;

import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.time.Instant;

/**
 * One request to a server and what comes back, with its time-outs; closing it closes the connection
 * (HTTP/1) or resets the stream (HTTP/2).
 *
 * <pre>
 *   NEW ─send─▶ WAITING ─2xx─▶ READING ─complete─▶ DRAINING ─end─▶ OVER
 *                  ▲  └─other─▶ REFUSED ─end─▶ OVER
 *                  └──another body──┘          any ─cancel, time-out, connection lost─▶ OVER
 * </pre>
 */
final class Exchange implements ProviderCall, CallWatch.Watched {
  /** The HTTP/2 error code CANCEL. */
  private static final long CANCEL = 8;

  /** How long a server may take to end an answer that is complete. */
  private static final long DRAIN_MS = 2_000;

  private static final int LONGEST_REFUSAL = 64 << 10;
  private static final int MOST_STALE = 3;

  private enum Phase {
    NEW,
    WAITING,
    REFUSED,
    READING,
    DRAINING,
    OVER
  }

  private final ModelClient client;
  private final RequestOptions target;
  private final String requestId;
  private final ResponseReader reader;
  private final long firstMs;
  private final long idleMs;

  private Phase phase = Phase.NEW;
  private byte[] body;
  private HttpClientRequest request;
  private HttpClientResponse response;
  private Buffer refusal;
  private long dueAt = CallWatch.NEVER;
  private boolean calling;
  private boolean paused;
  private boolean started;
  private int staleConnections;
  private boolean repaired;

  /**
   * @param requestId sent as {@code x-request-id}, may be null
   * @param firstMs milliseconds to the first part of the answer
   * @param idleMs milliseconds of silence between parts
   */
  Exchange(
      ModelClient client,
      RequestOptions target,
      String requestId,
      ResponseReader reader,
      long firstMs,
      long idleMs) {
    this.client = client;
    this.target = target;
    this.requestId = requestId;
    this.reader = reader;
    this.firstMs = firstMs;
    this.idleMs = idleMs;
  }

  /**
   * Sends the request; the reader hears nothing before this has returned.
   *
   * @param bytes the body, null for none
   */
  void send(byte[] bytes) {
    if (phase != Phase.NEW) {
      return;
    }
    body = bytes;
    phase = Phase.WAITING;
    dueAt = client.watch().now() + firstMs;
    client.watch().add(this);
    calling = true;
    connect();
    calling = false;
  }

  /** Gives up before anything was sent: the request could not be made. */
  void refuse(Fault fault) {
    if (phase == Phase.NEW) {
      fail(fault);
    }
  }

  @Override
  public void cancel() {
    if (phase != Phase.OVER && phase != Phase.DRAINING) {
      reader.cancelled();
      close();
    }
  }

  @Override
  public void pause() {
    if (paused || phase == Phase.OVER || phase == Phase.DRAINING) {
      return;
    }
    paused = true;
    if (started) {
      // The silence is ours now.
      dueAt = CallWatch.NEVER;
    }
    if (response != null) {
      response.pause();
    }
  }

  @Override
  public void resume() {
    if (!paused) {
      return;
    }
    paused = false;
    if (started && phase == Phase.READING) {
      dueAt = client.watch().now() + idleMs;
    }
    if (response != null) {
      response.resume();
    }
  }

  @Override
  public long dueAt() {
    return dueAt;
  }

  @Override
  public void overdue() {
    if (phase == Phase.DRAINING) {
      close();
      return;
    }
    ProviderFaults faults = client.faults();
    String server = faults.server();
    String message;
    if (request == null) {
      message = "no connection to " + server + " was free within " + firstMs + " ms";
    } else if (started) {
      message = server + " was silent for " + idleMs + " ms in the middle of its answer";
    } else {
      message = server + " gave no answer within " + firstMs + " ms";
    }
    fail(faults.timeout(message));
  }

  private void connect() {
    request = null;
    try {
      client.http().request(target).onComplete(this::connected);
    } catch (RuntimeException e) {
      lost(e);
    }
  }

  private void connected(AsyncResult<HttpClientRequest> result) {
    if (result.failed()) {
      lost(result.cause());
      return;
    }
    HttpClientRequest made = result.result();
    // What goes wrong is heard by way of the response; without a handler Vert.x logs it as an
    // error.
    made.exceptionHandler(ModelClient::ignore);
    if (phase != Phase.WAITING) {
      made.reset(CANCEL).onFailure(ModelClient::ignore);
      return;
    }
    request = made;
    if (requestId != null) {
      made.putHeader(ModelClient.REQUEST_ID, requestId);
    }
    made.response().onComplete(this::responded);
    (body == null ? made.end() : made.end(Buffer.buffer(body))).onFailure(ModelClient::ignore);
  }

  private void responded(AsyncResult<HttpClientResponse> result) {
    if (phase != Phase.WAITING) {
      return;
    }
    if (result.failed()) {
      if (request.streamId() > 1 && ++staleConnections <= MOST_STALE) {
        // The server closed a connection that was kept alive while this request was on its way.
        connect();
      } else {
        lost(result.cause());
      }
      return;
    }
    response = result.result();
    response.handler(this::chunk).endHandler(v -> ended()).exceptionHandler(this::broke);
    int status = response.statusCode();
    if (status >= 200 && status < 300) {
      phase = Phase.READING;
      if (paused) {
        response.pause();
      }
    } else {
      phase = Phase.REFUSED;
      refusal = Buffer.buffer();
    }
  }

  private void chunk(Buffer chunk) {
    if (phase == Phase.READING) {
      try {
        read(reader.read(chunk.getBytes()));
      } catch (FaultException e) {
        fail(e.fault());
      }
    } else if (phase == Phase.REFUSED && refusal.length() < LONGEST_REFUSAL) {
      refusal.appendBuffer(chunk);
    }
  }

  private void read(ResponseReader.Read what) {
    if (phase != Phase.READING) {
      return;
    }
    switch (what) {
      case PART -> {
        started = true;
        dueAt = paused ? CallWatch.NEVER : client.watch().now() + idleMs;
      }
      case NOISE -> {
        if (started && !paused) {
          dueAt = client.watch().now() + idleMs;
        }
      }
      case COMPLETE -> {
        phase = Phase.DRAINING;
        dueAt = client.watch().now() + DRAIN_MS;
        if (paused) {
          paused = false;
          response.resume();
        }
      }
      case BROKEN -> close();
    }
  }

  private void ended() {
    Phase was = phase;
    if (was == Phase.REFUSED) {
      refused();
      return;
    }
    if (was != Phase.OVER) {
      over();
    }
    if (was == Phase.READING) {
      try {
        reader.end();
      } catch (FaultException e) {
        reader.fail(e.fault());
      }
    }
  }

  private void refused() {
    int status = response.statusCode();
    byte[] said = refusal.getBytes();
    byte[] another = repaired ? null : reader.repair(status, said);
    if (another != null) {
      repaired = true;
      body = another;
      response = null;
      phase = Phase.WAITING;
      connect();
      return;
    }
    over();
    reader.fail(client.faults().ofStatus(status, response.headers(), said, Instant.now()));
  }

  private void broke(Throwable cause) {
    if (phase == Phase.REFUSED) {
      refused();
    } else {
      lost(cause);
    }
  }

  private void lost(Throwable cause) {
    if (phase == Phase.DRAINING) {
      over();
    } else if (phase != Phase.OVER) {
      Fault fault = client.faults().ofCause(cause, client.options().connectTimeoutMs());
      if (calling) {
        client.later(() -> fail(fault));
      } else {
        fail(fault);
      }
    }
  }

  private void fail(Fault fault) {
    if (phase != Phase.OVER) {
      close();
      reader.fail(fault);
    }
  }

  private void close() {
    over();
    if (request != null) {
      request.reset(CANCEL).onFailure(ModelClient::ignore);
    }
  }

  private void over() {
    phase = Phase.OVER;
    dueAt = CallWatch.NEVER;
    client.watch().remove(this);
  }
}
