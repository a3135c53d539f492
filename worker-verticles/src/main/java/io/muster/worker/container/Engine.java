package io.muster.worker.container;

import io.muster.container.ContainerSpec;
import io.muster.container.ContainerSpec.PortMapping;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The container engine. Called on the event loop, where its futures complete too; nothing of it
 * blocks. They fail with {@link EngineAway} where the engine does not answer, with a {@link
 * io.muster.bus.FaultException} where it refuses.
 */
interface Engine {
  /** The most that a container can be given to end by itself. */
  int MOST_GRACE_SECONDS = 600;

  /** What it says of itself; the sign that it lives. */
  Future<Facts> facts();

  /** All containers that have a label of Muster's. */
  Future<List<Seen>> list();

  /** How one is now; NOT_FOUND where there is none. */
  Future<Condition> condition(String id);

  Future<Boolean> hasImage(String image);

  /** Fetches an image; {@code progress} is told as often as the engine tells. */
  Pulling pull(String image, Consumer<JsonObject> progress);

  /**
   * Makes a container that does not run yet.
   *
   * @param gpuIds those that it gets
   * @return its id; CONFLICT where the name is taken
   */
  Future<String> create(
      String name, ContainerSpec spec, List<Integer> gpuIds, Map<String, String> labels);

  Future<Void> start(String id);

  /**
   * Done when it has ended; killed after the grace. One that does not run is fine.
   *
   * @param graceSeconds at most {@link #MOST_GRACE_SECONDS}
   */
  Future<Void> stop(String id, int graceSeconds);

  /** Kills and removes it with its anonymous volumes; one that is not there is fine. */
  Future<Void> remove(String id);

  Future<JsonObject> inspect(String id);

  Future<JsonObject> stats(String id);

  /**
   * What a container writes, line by line.
   *
   * @param tail lines of before, -1 for all
   * @param sink is told on a thread that it may hold up
   * @return ends it
   */
  Runnable follow(String id, int tail, boolean follow, LineSink sink);

  /**
   * Tells when something happened to one of Muster's containers.
   *
   * @param ended the engine tells no more
   * @return ends it
   */
  Runnable watch(Runnable changed, Runnable ended);

  Future<Void> close();

  /**
   * An image on its way.
   *
   * @param done when it is there; fails with CANCELLED after {@code stop}
   * @param stop nobody wants it any more
   */
  record Pulling(Future<Void> done, Runnable stop) {}

  /** Takes lines, on a thread of the engine's. */
  interface LineSink {
    /** May hold the thread up, and with it the engine. */
    void line(String stream, String text);

    /**
     * @param problem null where it ended as it should
     */
    void ended(String problem);
  }

  /**
   * What it is.
   *
   * @param memory bytes of its machine
   */
  record Facts(String version, long memory, int cpus) {}

  /** One container of the list. */
  record Seen(
      String id,
      boolean running,
      boolean created,
      List<PortMapping> ports,
      Map<String, String> labels) {
    public Seen {
      ports = List.copyOf(ports);
      labels = Map.copyOf(labels);
    }

    String claim() {
      return labels.getOrDefault(Labels.CLAIM, "");
    }

    String node() {
      return labels.getOrDefault(Labels.NODE, "");
    }
  }

  /** How a container is; times are milliseconds since 1970, 0 for never. */
  record Condition(
      boolean running, int exitCode, boolean oomKilled, long startedAt, long finishedAt) {}
}
