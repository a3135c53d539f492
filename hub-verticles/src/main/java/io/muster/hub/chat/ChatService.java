package io.muster.hub.chat;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.hub.storage.Database;
import io.muster.job.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns of sessions, one after the other.
 *
 * <pre>
 *   open ──▶ waits in this hub's line ──▶ takes the lease ──▶ OpenTurn ──▶ commit | abandon
 *                │ time-out, line full         │ another hub has it: tries again
 *                ▼                             ▼
 *           RATE_LIMITED                  (until the time-out)
 * </pre>
 *
 * Within a hub the line keeps the order; between hubs the lease keeps turns apart, and its fence
 * keeps out a hub that was taken for dead. All methods are called on the hub's event loop, and the
 * futures complete there.
 */
public final class ChatService {
  private static final Logger log = LoggerFactory.getLogger(ChatService.class);

  private static final long SWEEP_EVERY_MS = 60_000;
  private static final int SWEEP_AT_ONCE = 500;

  private final Vertx vertx;
  private final Database database;
  private final SessionStore store;
  private final ChatOptions options;
  private final Map<String, Line> lines = new HashMap<>();
  private final Map<Long, Running> running = new HashMap<>();
  private final List<Long> timers = new ArrayList<>();
  private boolean closed;

  /** A turn between open and commit. */
  private record Running(Line line, OpenTurn turn, long since) {}

  /**
   * A service that does nothing until {@link #start}.
   *
   * @param hubId of this process of the hub: another after every restart
   */
  public ChatService(
      Vertx vertx, Database database, String hubId, ChatOptions options, Clock clock) {
    this.vertx = vertx;
    this.database = database;
    this.options = options;
    this.store = new SessionStore(database, hubId, options, clock);
  }

  /** Frees what a dead predecessor held of an embedded database, and starts the background work. */
  public Future<Void> start() {
    long everyMs = Math.max(100, options.leaseMs() / 3);
    timers.add(vertx.setPeriodic(everyMs, id -> watchRunning()));
    if (options.idleMinutes() > 0) {
      timers.add(vertx.setPeriodic(SWEEP_EVERY_MS, id -> sweep()));
    }
    return database.exclusive() ? store.freeAll().mapEmpty() : Future.succeededFuture();
  }

  /**
   * Begins a turn: waits for those before it, then reads the history.
   *
   * @param contextTokens of the model that will answer, 0 or less when it does not tell
   * @return fails with a {@link FaultException}: {@link Failure#BAD_REQUEST} naming {@code
   *     session_id} or {@code message}, {@link Failure#RATE_LIMITED} when too many turns of the
   *     session wait or it waited too long, {@link Failure#UNREACHABLE} without a database. Every
   *     turn that comes out of it has to be committed or abandoned.
   */
  public Future<OpenTurn> open(String sessionId, String message, int contextTokens) {
    return open(null, options.systemPrompt(), sessionId, message, contextTokens);
  }

  /**
   * The same with a companion: a session of the same name with another one, or with none, is
   * another session.
   *
   * @param companionId null for none
   * @param systemPrompt what the model is told first, null for nothing
   */
  public Future<OpenTurn> open(
      String companionId,
      String systemPrompt,
      String sessionId,
      String message,
      int contextTokens) {
    int context = contextTokens > 0 ? contextTokens : options.contextTokens();
    try {
      check(sessionId, systemPrompt, message, context);
    } catch (FaultException e) {
      return Future.failedFuture(e);
    }
    Line line = lines.computeIfAbsent(SessionId.with(companionId, sessionId), Line::new);
    if (line.waiting() >= options.maxWaiting()) {
      return Future.failedFuture(
          limited("session_id: %d turns of this session wait already".formatted(line.waiting())));
    }
    Promise<OpenTurn> promise = Promise.promise();
    Waiter waiter = new Waiter(systemPrompt, message, context, promise);
    waiter.timer(vertx.setTimer(options.waitMs(), id -> expire(line, waiter)));
    line.join(waiter);
    advance(line);
    return promise.future();
  }

  private void check(String sessionId, String systemPrompt, String message, int contextTokens) {
    if (closed) {
      throw Fault.of(Failure.NO_CAPACITY, "the hub is shutting down", 1_000).asException();
    }
    SessionId.check(sessionId);
    if (message == null || message.isBlank()) {
      throw new FaultException(Failure.BAD_REQUEST, "message: must not be empty");
    }
    new ChatSession(systemPrompt, message, contextTokens);
  }

  private static FaultException limited(String message) {
    return Fault.of(Failure.RATE_LIMITED, message, 1_000).asException();
  }

  private void expire(Line line, Waiter waiter) {
    line.leave(waiter);
    waiter.fail(limited("session_id: earlier turns of this session took too long"));
    forgetIfEmpty(line);
  }

  private void advance(Line line) {
    Waiter next = line.next();
    if (next == null) {
      forgetIfEmpty(line);
    } else {
      take(line, next);
    }
  }

  private void forgetIfEmpty(Line line) {
    if (line.isEmpty()) {
      lines.remove(line.sessionId, line);
    }
  }

  private void take(Line line, Waiter waiter) {
    if (waiter.gone()) {
      passOn(line, waiter);
      return;
    }
    store
        .take(
            line.sessionId,
            () -> new ChatSession(waiter.systemPrompt, waiter.message, waiter.contextTokens))
        .onSuccess(
            taken -> {
              if (taken.isPresent()) {
                begin(line, waiter, taken.get());
              } else {
                vertx.setTimer(waiter.nextPauseMs(), id -> take(line, waiter));
              }
            })
        .onFailure(
            cause -> {
              waiter.fail(cause);
              passOn(line, waiter);
            });
  }

  private void begin(Line line, Waiter waiter, OpenTurn turn) {
    if (waiter.gone()) {
      release(turn);
      passOn(line, waiter);
      return;
    }
    vertx.cancelTimer(waiter.timer());
    running.put(turn.fence(), new Running(line, turn, System.nanoTime()));
    waiter.begin(turn);
  }

  /** The waiter at the head is answered without a turn: the next one's turn. */
  private void passOn(Line line, Waiter waiter) {
    vertx.cancelTimer(waiter.timer());
    line.freeHead();
    advance(line);
  }

  /**
   * Stores the turn and lets the next one begin, whether or not that succeeds.
   *
   * @param nodeId who answered
   * @return succeeds when the turn is in the database to stay: only then is the answer given. Fails
   *     with {@link Failure#CONFLICT} when the session was deleted meanwhile, or this hub was taken
   *     for dead and another went on; with {@link Failure#UNREACHABLE} without a database
   */
  public Future<Void> commit(
      OpenTurn turn, String answer, String nodeId, String model, Usage usage) {
    Running ended = running.remove(turn.fence());
    if (ended == null) {
      return Future.failedFuture(
          new FaultException(Failure.CONFLICT, "the turn has ended or took too long"));
    }
    return store
        .commit(turn, answer, nodeId, model, usage == null ? Usage.NONE : usage)
        .onComplete(
            done -> {
              ended.line.freeHead();
              advance(ended.line);
            });
  }

  /** Ends a turn of which nothing is kept; harmless when it has ended. */
  public void abandon(OpenTurn turn) {
    Running ended = running.remove(turn.fence());
    if (ended != null) {
      release(turn);
      ended.line.freeHead();
      advance(ended.line);
    }
  }

  private Future<Void> release(OpenTurn turn) {
    return store
        .release(turn)
        .onFailure(e -> log.warn("a session's lease stays until it expires: {}", e.getMessage()));
  }

  /** A session and its turns; empty when there is none of this name. */
  public Future<Optional<SessionView>> find(String sessionId) {
    return find(null, sessionId);
  }

  /** The same with a companion. */
  public Future<Optional<SessionView>> find(String companionId, String sessionId) {
    return isName(sessionId)
        ? store.find(SessionId.with(companionId, sessionId))
        : Future.succeededFuture(Optional.empty());
  }

  /** Deletes a session; a turn of it that runs will fail at its commit. */
  public Future<Boolean> delete(String sessionId) {
    return delete(null, sessionId);
  }

  /** The same with a companion. */
  public Future<Boolean> delete(String companionId, String sessionId) {
    return isName(sessionId)
        ? store.delete(SessionId.with(companionId, sessionId))
        : Future.succeededFuture(false);
  }

  private static boolean isName(String sessionId) {
    try {
      SessionId.check(sessionId);
      return true;
    } catch (FaultException e) {
      return false;
    }
  }

  /** How many turns are open now, for the metrics. */
  public int openTurns() {
    return running.size();
  }

  private void watchRunning() {
    long now = System.nanoTime();
    List<OpenTurn> toExtend = new ArrayList<>();
    for (Running each : List.copyOf(running.values())) {
      long ageMs = (now - each.since) / 1_000_000;
      if (ageMs > options.turnTimeoutMs()) {
        log.warn("a turn was neither committed nor abandoned in {} ms", ageMs);
        abandon(each.turn);
      } else if (ageMs > options.leaseMs() / 4) {
        toExtend.add(each.turn);
      }
    }
    if (!toExtend.isEmpty()) {
      store
          .extend(toExtend)
          .onSuccess(lost -> lost.forEach(this::tellLost))
          .onFailure(e -> log.warn("{} leases not extended: {}", toExtend.size(), e.getMessage()));
    }
  }

  private void tellLost(OpenTurn turn) {
    if (running.containsKey(turn.fence())) {
      log.warn("a running turn has lost its session, which was deleted or continued elsewhere");
    }
  }

  private void sweep() {
    store
        .sweep(SWEEP_AT_ONCE)
        .onSuccess(
            count -> {
              if (count > 0) {
                log.debug("forgot {} idle sessions", count);
              }
              if (count == SWEEP_AT_ONCE && !closed) {
                sweep();
              }
            })
        .onFailure(e -> log.warn("idle sessions are not forgotten now: {}", e.getMessage()));
  }

  /** Takes no more turns, fails those that wait, and gives the leases of running ones back. */
  public Future<Void> close() {
    closed = true;
    timers.forEach(vertx::cancelTimer);
    for (Line line : List.copyOf(lines.values())) {
      line.failWaiting(Fault.of(Failure.NO_CAPACITY, "the hub is shutting down", 1_000));
    }
    List<Future<Void>> releases = new ArrayList<>();
    for (Running each : List.copyOf(running.values())) {
      running.remove(each.turn.fence());
      releases.add(release(each.turn));
    }
    return Future.join(releases).<Void>mapEmpty().otherwiseEmpty();
  }
}
