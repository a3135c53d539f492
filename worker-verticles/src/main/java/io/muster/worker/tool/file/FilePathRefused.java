package io.muster.worker.tool.file;

import io.muster.task.TaskError;
import io.muster.worker.task.ToolException;

/** Why a path is not gone to, as tools say it. */
final class FilePathRefused {
  private FilePathRefused() {}

  /** One that leads out of the folder, or that can be no path at all. */
  static ToolException escape(String why) {
    return new ToolException(TaskError.lasting("path_refused", "'path': " + why));
  }

  static ToolException of(String code, String message) {
    return new ToolException(TaskError.lasting(code, message));
  }
}
