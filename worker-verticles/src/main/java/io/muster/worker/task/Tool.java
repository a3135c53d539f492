package io.muster.worker.task;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** Something that this worker does for the hub when a task asks for it. */
public interface Tool {
  /** As tasks call it; unique on a worker. */
  String name();

  /** What it does, for people and models. */
  String description();

  /** A JSON Schema (2020-12) of its arguments. */
  JsonObject schema();

  /**
   * Runs it; must not block. Every attempt of a task is a run of its own, so that it may be run
   * twice for one task.
   *
   * @return a JSON value; fails with a {@link ToolException} to say how, with anything else for a
   *     failure that another attempt may not meet
   */
  Future<Object> run(JsonObject args, ToolContext context);
}
