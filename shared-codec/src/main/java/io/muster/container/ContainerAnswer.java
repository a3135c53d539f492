package io.muster.container;

import java.util.List;

/** What a node answers to a {@link ContainerMessage}. */
public sealed interface ContainerAnswer {
  /**
   * A claim as it is now.
   *
   * @param made whether it is new
   */
  record Claimed(ContainerInfo container, boolean made) implements ContainerAnswer {}

  /** All claims of the node. */
  record Containers(String nodeId, List<ContainerInfo> containers) implements ContainerAnswer {
    public Containers {
      containers = containers == null ? List.of() : List.copyOf(containers);
    }
  }

  /**
   * More of one.
   *
   * @param json an object, UTF-8; nothing secret
   */
  record Details(ContainerInfo container, byte[] json) implements ContainerAnswer {}

  /** The name of a stream that was begun. */
  record Following(String stream) implements ContainerAnswer {}

  /**
   * A part of a stream.
   *
   * @param ended nothing comes after it
   */
  record Piece(List<Told> told, boolean ended) implements ContainerAnswer {
    public Piece {
      told = told == null ? List.of() : List.copyOf(told);
    }
  }

  /**
   * One thing that happened.
   *
   * @param kind log, pull, state or lost
   * @param json an object
   */
  record Told(String kind, String json) {}

  /**
   * What a node has to give.
   *
   * @param problem why it takes none now, null when it does
   * @param freeGpus by index, those that nobody uses first
   * @param freeMemory bytes that no claim has
   * @param claim the claim that was asked about, null when it is not here
   */
  record Offer(
      String nodeId,
      String problem,
      List<Integer> freeGpus,
      int gpus,
      long freeMemory,
      int running,
      ContainerInfo claim)
      implements ContainerAnswer {
    public Offer {
      freeGpus = freeGpus == null ? List.of() : List.copyOf(freeGpus);
    }
  }
}
