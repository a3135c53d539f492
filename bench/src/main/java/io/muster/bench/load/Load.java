package io.muster.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts load on one address from one thread: many connections, each with one request after the other
 * ({@link #steady}) or with one each, started at even distances ({@link #spread}). Every answer is
 * checked, every error is counted. Allocates nothing while it runs.
 */
public final class Load implements AutoCloseable {
  private static final long ANSWER_LIMIT_NANOS = 20_000_000_000L;
  private static final long CARE_NANOS = 100_000_000L;

  private final Selector selector;
  private final List<LoadConnection> connections = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(128 * 1024);
  private final Times deltaDelay = new Times();

  private Times latency = new Times();
  private Times firstToken = new Times();
  private Map<String, Long> errors = new TreeMap<>();
  private String firstError;
  private long clean;
  private int inFlight;
  private int peakInFlight;
  private boolean counting;
  private boolean sendAgain;
  private long nextCare;

  /**
   * Opens the connections.
   *
   * @param headers what the subject wants in addition
   * @throws UncheckedIOException if the address does not take them
   */
  public Load(int port, LoadRequest request, Map<String, String> headers, int connectionCount) {
    InetSocketAddress target = new InetSocketAddress("127.0.0.1", port);
    byte[] bytes = request.bytes(port, headers);
    try {
      selector = Selector.open();
      for (int i = 0; i < connectionCount; i++) {
        LoadConnection connection = new LoadConnection(target, bytes, request.check(deltaDelay));
        connection.open(selector);
        connections.add(connection);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot connect to port " + port, e);
    }
  }

  /** One request after the other on every connection; answers after the time are not counted. */
  public LoadResult steady(Duration duration) {
    begin();
    sendAgain = true;
    long start = System.nanoTime();
    long end = start + duration.toNanos();
    for (LoadConnection connection : connections) {
      send(connection);
    }
    turnUntil(end, false);
    counting = false;
    sendAgain = false;
    double seconds = (System.nanoTime() - start) / 1e9;
    turnUntil(System.nanoTime() + ANSWER_LIMIT_NANOS, true);
    return result(seconds);
  }

  /** One request on every connection, the starts spread evenly over the time. */
  public LoadResult spread(Duration over) {
    begin();
    sendAgain = false;
    long start = System.nanoTime();
    for (int i = 0; i < connections.size(); i++) {
      turnUntil(start + over.toNanos() * i / connections.size(), false);
      send(connections.get(i));
    }
    turnUntil(System.nanoTime() + 2 * ANSWER_LIMIT_NANOS, true);
    return result((System.nanoTime() - start) / 1e9);
  }

  @Override
  public void close() {
    connections.forEach(LoadConnection::close);
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void begin() {
    latency = new Times();
    firstToken = new Times();
    deltaDelay.reset();
    errors = new TreeMap<>();
    firstError = null;
    clean = 0;
    peakInFlight = 0;
    counting = true;
  }

  private LoadResult result(double seconds) {
    Times delays = new Times();
    delays.add(deltaDelay);
    return new LoadResult(
        clean, errors, firstError, seconds, latency, firstToken, delays, peakInFlight);
  }

  /** Handles what is ready, at least once, until the time is over. */
  private void turnUntil(long end, boolean orIdle) {
    long now;
    do {
      now = System.nanoTime();
      try {
        long wait = Math.min(end - now, CARE_NANOS);
        if (wait > 0) {
          selector.select(this::ready, wait / 1_000_000 + 1); // never spins: others need the core
        } else {
          selector.selectNow(this::ready);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      if (now >= nextCare) {
        nextCare = now + CARE_NANOS;
        care(now);
      }
    } while (now < end && !(orIdle && inFlight == 0));
  }

  /** Gives up on answers that do not come, and opens again what was closed. */
  private void care(long now) {
    for (LoadConnection connection : connections) {
      if (connection.inFlight() && now - connection.sentAt() > ANSWER_LIMIT_NANOS) {
        failed(connection, "no answer in 20 s", "no answer in 20 s");
      } else if (!connection.isOpen() && sendAgain) {
        send(connection);
      }
    }
  }

  private void send(LoadConnection connection) {
    inFlight++;
    peakInFlight = Math.max(peakInFlight, inFlight);
    try {
      if (!connection.isOpen()) {
        connection.open(selector);
      }
      connection.send(System.nanoTime());
    } catch (IOException e) {
      failed(connection, "cannot send", e.toString());
    }
  }

  private void ready(SelectionKey key) {
    LoadConnection connection = (LoadConnection) key.attachment();
    try {
      if (key.isWritable()) {
        connection.flush();
      } else if (connection.receive(buffer)) {
        answered(connection);
      } else if (!connection.inFlight()) {
        connection.close(); // the server ended an idle connection, as it may
      }
    } catch (IOException e) {
      if (connection.inFlight()) {
        failed(connection, "connection broke", e.getMessage());
      } else {
        connection.close();
      }
    }
  }

  private void answered(LoadConnection connection) {
    long now = System.nanoTime();
    if (!connection.clean()) {
      String kind = connection.status() == 200 ? "unclean" : "status " + connection.status();
      error(kind, connection.complaint());
    } else if (counting) {
      clean++;
      latency.record(now - connection.sentAt());
      firstToken.record(connection.firstDeltaAt() - connection.sentAt());
    }
    inFlight--;
    connection.answered();
    if (!connection.reusable()) {
      connection.close();
    }
    if (sendAgain) {
      send(connection);
    }
  }

  private void failed(LoadConnection connection, String kind, String text) {
    error(kind, text);
    inFlight--;
    connection
        .close(); // opened again by care(), so that a dead server is not called in a busy loop
  }

  private void error(String kind, String text) {
    errors.merge(kind, 1L, Long::sum);
    if (firstError == null) {
      firstError = kind + ": " + text;
    }
  }
}
