package io.muster.bus;

import io.muster.companion.CompanionMessage;
import io.muster.container.ContainerAnswer;
import io.muster.container.ContainerMessage;
import io.muster.event.ClusterEvent;
import io.muster.identity.IdentityMessage;
import io.muster.identity.Order;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.job.JobBatch;
import io.muster.job.JobMessage;
import io.muster.llm.LlmMessage;
import io.muster.node.FleetNotice;
import io.muster.node.HubMessage;
import io.muster.node.NodeAnswer;
import io.muster.node.NodeCommand;
import io.muster.node.NodeMessage;
import io.muster.node.Probe;
import io.muster.quota.QuotaMessage;
import io.muster.task.TaskMessage;
import io.muster.task.TaskNews;
import io.muster.task.TaskReport;
import io.muster.tunnel.TunnelMessage;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The only class that touches the {@link EventBus}. Requests always end: with a reply, with a
 * fault, or with the caller's own time-out; a handler that throws answers with a fault instead of
 * leaving the caller to wait.
 */
public final class Bus {
  private static final DeliveryOptions PLAIN = new DeliveryOptions();
  private static final DeliveryOptions HERE = new DeliveryOptions().setLocalOnly(true);

  static final List<RecordCodec<?>> CODECS = codecs();

  private final Vertx vertx;
  private final EventBus eventBus;
  private final Uplink uplink;
  private final Map<String, Registration> served;
  private volatile BiConsumer<String, Probe.Echo> echoes = (address, echo) -> {};

  /** Registers the codecs of all messages: once for each Vert.x instance. */
  public Bus(Vertx vertx) {
    this(vertx, null);
  }

  /**
   * The bus of a process that is no member of a cluster.
   *
   * @param uplink takes what nobody serves here
   */
  public Bus(Vertx vertx, Uplink uplink) {
    this(vertx, uplink, new ConcurrentHashMap<>());
    CODECS.forEach(this::register);
  }

  private Bus(Vertx vertx, Uplink uplink, Map<String, Registration> served) {
    this.vertx = vertx;
    this.eventBus = vertx.eventBus();
    this.uplink = uplink;
    this.served = served;
  }

  /** The same without the uplink: for what came over it, which must not go back. */
  public Bus local() {
    return uplink == null ? this : new Bus(vertx, null, served);
  }

  /**
   * Makes the codecs, which takes a while: called off the event loop before the first bus is made,
   * it keeps that from being held up.
   */
  public static void prepare() {
    // Loading this class has done it.
  }

  public Vertx vertx() {
    return vertx;
  }

  /**
   * Answers the requests at an address.
   *
   * @param handler may throw, return a failed future, or return a record: each becomes the reply
   * @return the registration, once the whole cluster can see it
   */
  public <Q, R extends Record> Future<Registration> serve(
      String address, Function<Q, Future<R>> handler) {
    return registered(address, (Message<Q> message) -> answer(message, handler));
  }

  /**
   * Hears what is sent or published to an address; nothing is replied.
   *
   * @return the registration, once the whole cluster can see it
   */
  public <M> Future<Registration> listen(String address, Consumer<M> handler) {
    return registered(address, (Message<M> message) -> handler.accept(message.body()));
  }

  /**
   * Takes what is sent or asked at an address, by family of messages.
   *
   * @return the registration, once the whole cluster can see it
   */
  public Future<Registration> open(String address, Inbox inbox) {
    return registered(address, (Message<Object> message) -> hand(message, inbox));
  }

  /**
   * Takes whatever is sent or asked at an address, of any family, for somebody who is not on this
   * bus.
   *
   * @return the registration, once the whole cluster can see it
   */
  public Future<Registration> carry(String address, Carrier carrier) {
    return registered(
        address,
        (Message<Record> message) -> {
          if (message.replyAddress() == null) {
            carrier.tell(message.body());
          } else {
            answer(message, carrier::ask);
          }
        });
  }

  /**
   * Asks whoever serves the address.
   *
   * @param timeout how long to wait for the reply
   * @return the reply, or a {@link FaultException}: {@link Failure#UNREACHABLE} when nobody serves
   *     the address or no reply came in time, else what the other side failed with
   */
  public <R> Future<R> ask(String address, Record question, Duration timeout) {
    if (isElsewhere(address)) {
      return attempt(() -> uplink.<R>ask(address, question, timeout));
    }
    DeliveryOptions options = new DeliveryOptions().setSendTimeout(timeout.toMillis());
    return attempt(() -> eventBus.<R>request(address, question, options))
        .map(Message::body)
        .recover(cause -> Future.failedFuture(fault(address, cause).asException()));
  }

  /**
   * Sends to one of those who serve the address.
   *
   * @return succeeds when the message was written to the connection, which is no proof that it
   *     arrived; fails at once when nobody serves the address or the connection is gone. In the
   *     moment in which a member leaves the cluster it may do neither: Vert.x forgets who waits for
   *     a look-up when the entry is removed meanwhile ({@code DefaultNodeSelector}).
   */
  public Future<Void> tell(String address, Record message) {
    if (isElsewhere(address)) {
      return attempt(() -> uplink.tell(address, message));
    }
    return attempt(() -> eventBus.<Object>sender(address, PLAIN).write(message));
  }

  /** Publishes to all who listen at the address, none being fine. */
  public void publish(String address, Record message) {
    eventBus.publish(address, message);
    if (uplink != null) {
      uplink.publish(address, message);
    }
  }

  /** Publishes JSON to those in this process who listen at the address. */
  public void publishHere(String address, JsonObject message) {
    eventBus.publish(address, message, HERE);
  }

  /** Hears of each {@link Probe.Echo} which address it arrived at; there is one such listener. */
  public void onEcho(BiConsumer<String, Probe.Echo> listener) {
    echoes = listener;
  }

  /** What cannot even be encoded fails like anything else that cannot be sent. */
  private static <T> Future<T> attempt(Supplier<Future<T>> sending) {
    try {
      return sending.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private <M> Future<Registration> registered(String address, Handler<Message<M>> handler) {
    MessageConsumer<M> consumer =
        eventBus.consumer(
            address,
            message -> {
              Object body = message.body();
              if (body instanceof Probe.Echo echo) {
                echoes.accept(address, echo);
              } else {
                handler.handle(message);
              }
            });
    // Forgotten again: nodes come and go at the sockets of a hub.
    Registration registration =
        new Registration(vertx, address, consumer, closed -> served.remove(address, closed));
    served.put(address, registration);
    return consumer.completion().map(registration);
  }

  private boolean isElsewhere(String address) {
    if (uplink == null) {
      return false;
    }
    Registration here = served.get(address);
    return here == null || !here.isOpen();
  }

  private static void hand(Message<Object> message, Inbox inbox) {
    Future<? extends Record> reply;
    try {
      reply = inbox.take(message.body());
    } catch (RuntimeException | Error e) {
      if (message.replyAddress() == null) {
        // Nobody waits for an answer: the log is where it can be seen.
        throw e;
      }
      reply = Future.failedFuture(e);
    }
    if (reply != null) {
      reply.onComplete(message::reply, cause -> fail(message, cause));
    }
  }

  private static void fail(Message<?> message, Throwable cause) {
    Fault fault = Fault.from(cause);
    message.fail(fault.failure().code(), fault.message());
  }

  private static <Q, R extends Record> void answer(
      Message<Q> message, Function<Q, Future<R>> handler) {
    replyOf(message, handler).onComplete(message::reply, cause -> fail(message, cause));
  }

  private static <Q, R extends Record> Future<R> replyOf(
      Message<Q> message, Function<Q, Future<R>> handler) {
    try {
      return Objects.requireNonNull(handler.apply(message.body()), "the handler returned nothing");
    } catch (Throwable e) { // An Error too: the caller must not be left to its time-out.
      return Future.failedFuture(e);
    }
  }

  private static Fault fault(String address, Throwable cause) {
    if (cause instanceof ReplyException reply) {
      if (reply.failureType() == ReplyFailure.RECIPIENT_FAILURE) {
        return Fault.of(Failure.ofCode(reply.failureCode()), reply.getMessage());
      }
      return Fault.of(
          Failure.UNREACHABLE,
          reply.failureType() == ReplyFailure.NO_HANDLERS
              ? "nobody serves " + address
              : "no reply from " + address + " in time");
    }
    return Fault.of(Failure.UNREACHABLE, address + ": " + messageOf(cause));
  }

  private static String messageOf(Throwable cause) {
    return cause.getMessage();
  }

  private static List<RecordCodec<?>> codecs() {
    List<RecordCodec<?>> codecs = new ArrayList<>();
    codecs.add(new RecordCodec<>(Ack.class));
    codecs.add(new RecordCodec<>(FrameBatch.class));
    codecs.add(new RecordCodec<>(JobBatch.class));
    codecs.add(new RecordCodec<>(ClusterEvent.class));
    codecs.add(new RecordCodec<>(TaskNews.class));
    codecs.add(new RecordCodec<>(Order.class));
    for (Class<?> family :
        List.of(
            Frame.class,
            JobMessage.class,
            NodeMessage.class,
            HubMessage.class,
            LlmMessage.class,
            IdentityMessage.class,
            NodeCommand.class,
            NodeAnswer.class,
            FleetNotice.class,
            CompanionMessage.class,
            ContainerMessage.class,
            ContainerAnswer.class,
            Probe.class,
            QuotaMessage.class,
            TaskMessage.class,
            TaskReport.class,
            TunnelMessage.class)) {
      for (Class<?> member : family.getPermittedSubclasses()) {
        codecs.add(new RecordCodec<>(member.asSubclass(Record.class)));
      }
    }
    return List.copyOf(codecs);
  }

  private <T extends Record> void register(RecordCodec<T> codec) {
    eventBus.registerDefaultCodec(codec.type(), codec);
  }
}
