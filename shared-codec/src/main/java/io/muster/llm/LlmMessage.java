package io.muster.llm;

import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import java.util.List;

/**
 * How a node of Muster calls a model through a hub: the way of a job, the other way round. The node
 * gives each call a ticket; the call is that of one process of it.
 *
 * <pre>
 *   node: ModelCall ──▶ hub (any): CallTaken   Started* ──▶ Delta* ──▶ Done | Failed
 *   node: CallCredit, CallOff ──▶ that hub      as CallPieces, at the node's own address
 * </pre>
 */
public sealed interface LlmMessage {
  /**
   * Call this model; asked at {@link io.muster.bus.Addresses#LLM}, answered with {@link CallTaken}
   * before it is known whether the node may.
   *
   * @param instance the node's process
   * @param ticket which that process gives once
   * @param job its {@code id}, {@code affinity} and {@code priority} are the hub's to give; {@code
   *     model} null for the hub's default
   */
  record ModelCall(String nodeId, String instance, long ticket, Job job) implements LlmMessage {}

  /**
   * Which models are there? Asked at {@link io.muster.bus.Addresses#LLM}, answered with {@link
   * FleetList}.
   */
  record ListFleet(String nodeId) implements LlmMessage {}

  /**
   * What the fleet serves now, as the hub's clients see it.
   *
   * @param defaultModel what a call without a model gets, null for none
   */
  record FleetList(List<ModelInfo> models, String defaultModel) implements LlmMessage {
    public FleetList {
      models = List.copyOf(models);
    }
  }

  /** This hub has it: what follows is to be sent there. */
  record CallTaken(String hubId) implements LlmMessage {}

  /** Nobody waits for it any more; told at {@link io.muster.bus.Addresses#frames}. */
  record CallOff(String nodeId, String instance, long ticket, String reason)
      implements LlmMessage {}

  /** So many more {@link Frame.Delta} may be sent; told as {@link CallOff} is. */
  record CallCredit(String nodeId, String instance, long ticket, int frames)
      implements LlmMessage {}

  /**
   * What comes back of a process' calls, told at {@link io.muster.bus.Addresses#node}.
   *
   * @param frames with the tickets of the node
   */
  record CallPieces(String hubId, String instance, List<Frame> frames) implements LlmMessage {
    public CallPieces {
      frames = List.copyOf(frames);
    }
  }
}
