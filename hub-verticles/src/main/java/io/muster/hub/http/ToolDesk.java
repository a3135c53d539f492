package io.muster.hub.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Job;
import io.vertx.core.Future;
import java.util.function.UnaryOperator;

/** Lets chats use the tools of the fleet. */
public interface ToolDesk {
  /** No tools. */
  ToolDesk NONE =
      (wish, request, caller) -> {
        throw ApiError.invalid(wish.field(), "'" + wish.field() + "': this hub has no tools.")
            .asException();
      };

  /**
   * Begins a chat with tools.
   *
   * @param request OpenAI's, to which the tools are added; it is the desk's from now on
   * @param caller on whose behalf tools are called
   * @throws RuntimeException 400 naming the field where a named tool is not offered
   */
  ToolChat open(ToolWish wish, ObjectNode request, String caller);

  /** One chat that may use tools. */
  interface ToolChat {
    /** The request as it goes to the model first. */
    byte[] body();

    /**
     * What answers the job that was made of {@link #body}: models, and tools between their answers.
     * Steps are told as members {@code muster.step} of chunks, or {@code muster.steps} of a whole
     * answer.
     */
    Dispatch over(Dispatch models, Rounds quota);
  }

  /** What each call of a model takes from the caller's quota. */
  interface Rounds {
    /** Counts the first call, which was admitted before. */
    JobListener metering(JobListener listener);

    /**
     * Admits one more call.
     *
     * @return what counts it; fails with {@link io.muster.hub.quota.QuotaExceeded}
     */
    Future<UnaryOperator<JobListener>> another(Job job);
  }
}
