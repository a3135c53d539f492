package io.muster.bus;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;

/**
 * One address that this process serves or hears. It can be made anew: the cluster may lose a
 * subscription (after a merge, a stall, several deaths at once) without telling whoever made it.
 */
public final class Registration {
  private final EventBus eventBus;
  private final String address;
  private final Handler<?> handler;
  private MessageConsumer<?> consumer;

  <M> Registration(
      EventBus eventBus, String address, Handler<Message<M>> handler, MessageConsumer<M> consumer) {
    this.eventBus = eventBus;
    this.address = address;
    this.handler = handler;
    this.consumer = consumer;
  }

  public String address() {
    return address;
  }

  /**
   * Registers the address again, then drops the old registration, so that no message finds nobody.
   *
   * @return when the cluster can see the new one
   */
  public Future<Void> renew() {
    MessageConsumer<?> old = consumer;
    consumer = subscribe(eventBus, address, handler);
    return consumer.completion().eventually(old::unregister);
  }

  /** Stops serving the address. */
  public Future<Void> close() {
    return consumer.unregister();
  }

  @SuppressWarnings("unchecked")
  private static <M> MessageConsumer<M> subscribe(
      EventBus eventBus, String address, Handler<?> handler) {
    return eventBus.consumer(address, (Handler<Message<M>>) handler);
  }
}
