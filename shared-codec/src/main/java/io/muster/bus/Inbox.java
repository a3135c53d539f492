package io.muster.bus;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What an address takes, by family of messages, so that one consumer serves several: a registration
 * in the cluster costs far more than a look at a message's class. Families that come often are
 * added first.
 */
public final class Inbox {
  private final List<Slot> slots = new ArrayList<>();

  private record Slot(Class<?> family, Function<Object, Future<? extends Record>> handler) {}

  /** Hears messages of this family; nothing is replied. */
  public <M> Inbox listen(Class<M> family, Consumer<M> handler) {
    slots.add(
        new Slot(
            family,
            message -> {
              handler.accept(family.cast(message));
              return null;
            }));
    return this;
  }

  /**
   * Answers questions of this family.
   *
   * @param handler may throw, return a failed future, or return a record: each becomes the reply
   */
  public <Q> Inbox serve(Class<Q> family, Function<Q, Future<? extends Record>> handler) {
    slots.add(
        new Slot(
            family,
            message ->
                Objects.requireNonNull(
                    handler.apply(family.cast(message)), "the handler returned nothing")));
    return this;
  }

  /** Takes what the other one takes, too. */
  public Inbox otherwise(Inbox other) {
    slots.addAll(other.slots);
    return this;
  }

  /**
   * Hands a message to the handler of its family.
   *
   * @return what is to be replied, or null when nothing is
   * @throws FaultException {@link Failure#BAD_REQUEST} where no family takes it
   */
  public Future<? extends Record> take(Object message) {
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      if (slot.family.isInstance(message)) {
        return slot.handler.apply(message);
      }
    }
    throw Fault.of(
            Failure.BAD_REQUEST,
            "nothing here takes a " + message.getClass().getSimpleName() + ": another version?")
        .asException();
  }
}
