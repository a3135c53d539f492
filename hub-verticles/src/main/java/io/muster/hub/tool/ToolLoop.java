package io.muster.hub.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.hub.http.ToolDesk;
import io.muster.hub.quota.QuotaExceeded;
import io.muster.job.Frame;
import io.muster.job.Job;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * One answer that may take several calls of the model, with tools between them.
 *
 * <pre>
 *   MODEL ──calls of the fleet's tools──▶ TOOLS ──results──▶ MODEL …
 *     │ text, or calls of the client's own tools
 *     ▼
 *   ENDED      (also: failed, cancelled, out of time)
 * </pre>
 *
 * After the last round that may call, the model is asked once more with {@code tool_choice: none}.
 * Used on the hub's event loop.
 */
final class ToolLoop implements JobHandle {
  private static final long MS = 1_000_000;

  private final Dispatch models;
  private final ToolDesk.Rounds quota;
  private final ToolChats.Caller tools;
  private final ToolTalk talk;
  private final ToolOptions options;
  private final BiConsumer<String, Map<String, Object>> events;
  private final LongSupplier nanoTime;
  private final String caller;

  private Job job;
  private JobListener listener;
  private LoopOutput output;
  private long deadline;
  private JobHandle model;
  private ToolRound toolRound;
  private int round = 1;
  private boolean started;
  private boolean over;

  ToolLoop(
      Dispatch models,
      ToolDesk.Rounds quota,
      ToolChats.Caller tools,
      ToolTalk talk,
      ToolOptions options,
      BiConsumer<String, Map<String, Object>> events,
      LongSupplier nanoTime,
      String caller) {
    this.models = models;
    this.quota = quota;
    this.tools = tools;
    this.talk = talk;
    this.options = options;
    this.events = events;
    this.nanoTime = nanoTime;
    this.caller = caller;
  }

  /** Asks the model first. */
  JobHandle begin(Job asked, JobListener whom) {
    job = asked;
    listener = whom;
    output = new LoopOutput(asked, whom);
    deadline = nanoTime.getAsLong() + Math.min(asked.timeoutMs(), options.chatMs()) * MS;
    submit(next(asked.body()), quota::metering);
    return this;
  }

  private Job next(byte[] body) {
    return new Job(
        round == 1 ? job.id() : job.id() + "." + round,
        job.requestId(),
        job.kind(),
        job.model(),
        job.stream(),
        job.affinity(),
        job.priority(),
        Math.max(1, leftMs()),
        body);
  }

  private void submit(Job next, UnaryOperator<JobListener> metering) {
    Answer answer = new Answer();
    JobHandle submitted = models.submit(next, metering.apply(answer));
    // It may have been answered, or have failed, before this is known.
    if (over) {
      submitted.cancel("its chat has ended");
    } else if (!answer.ended) {
      model = submitted;
      grantModel(answer.swallowed);
    }
  }

  private void grantModel(int frames) {
    if (model != null && frames > 0) {
      model.grant(frames);
    }
  }

  private long leftMs() {
    return (deadline - nanoTime.getAsLong()) / MS;
  }

  @Override
  public void cancel(String reason) {
    if (!over) {
      over = true;
      stop(reason);
    }
  }

  private void stop(String reason) {
    if (model != null) {
      model.cancel(reason);
    }
    if (toolRound != null) {
      toolRound.cancel(reason);
    }
  }

  @Override
  public void grant(int frames) {
    grantModel(output.modelsOf(frames));
  }

  @Override
  public int queuePlace() {
    return model == null ? 0 : model.queuePlace();
  }

  private void fail(Fault fault) {
    if (!over) {
      over = true;
      stop(fault.message());
      listener.failed(fault, started);
    }
  }

  private void step(ObjectNode step) {
    if (over) {
      return;
    }
    output.step(step);
    if (step.path("type").asText().equals("tool_result")) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("requestId", job.requestId());
      data.put("toolName", step.path("tool").asText());
      data.put("nodeId", step.path("node_id").asText(null));
      data.put("taskId", step.path("task_id").asText(null));
      data.put("ok", step.path("ok").asBoolean());
      data.put("round", round);
      data.put("ms", step.path("ms").asLong());
      events.accept("tool_called", data);
    }
  }

  /** What the model answers in one round. */
  private final class Answer implements JobListener {
    private final CallParts calls = new CallParts();
    private final StringBuilder said = new StringBuilder();
    private String finishReason;

    /** Frames that came before its handle was known, and gave nothing to pass on. */
    private int swallowed;

    private boolean ended;

    @Override
    public void started(String nodeId) {
      if (!started && !over) {
        started = true;
        listener.started(nodeId);
      }
    }

    @Override
    public void delta(Frame.Delta delta) {
      if (over) {
        return;
      }
      List<ObjectNode> passed = new ArrayList<>(2);
      try {
        for (ObjectNode chunk : AnswerChunks.read(delta.events())) {
          if (read(chunk)) {
            passed.add(chunk);
          }
        }
      } catch (IOException e) {
        fail(Fault.of(Failure.PROVIDER_ERROR, "The model server's stream cannot be read."));
        return;
      }
      if (!passed.isEmpty()) {
        output.pass(passed);
      } else if (model == null) {
        swallowed++;
      } else {
        grantModel(1);
      }
    }

    /** Whether something of the chunk is for the client. */
    private boolean read(ObjectNode chunk) {
      if (!(chunk.path("choices").path(0) instanceof ObjectNode choice)
          || !(choice.path("delta") instanceof ObjectNode delta)) {
        return false;
      }
      if (choice.path("finish_reason").isTextual()) {
        finishReason = choice.path("finish_reason").textValue();
        choice.putNull("finish_reason");
      }
      calls.add(delta.path("tool_calls"));
      delta.remove("tool_calls");
      output.join(chunk, delta);
      String content = delta.path("content").asText("");
      if (!content.isEmpty()) {
        delta.put("content", (said.length() == 0 ? output.before() : "") + content);
        said.append(content);
      }
      for (JsonNode value : delta) {
        if (!value.isNull() && !(value.isTextual() && value.textValue().isEmpty())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void done(Frame.Done done) {
      if (over) {
        return;
      }
      ended = true;
      model = null;
      output.used(done.usage());
      ObjectNode completion = null;
      if (done.body() != null) {
        try {
          completion = completion(done.body());
        } catch (IOException e) {
          fail(Fault.of(Failure.PROVIDER_ERROR, "The model server's answer cannot be read."));
          return;
        }
      }
      if (finishReason == null) {
        finishReason = done.finishReason();
      }
      output.said(said);
      answered(completion);
    }

    private ObjectNode completion(byte[] body) throws IOException {
      if (!(ToolTalk.MAPPER.readTree(body) instanceof ObjectNode completion)
          || !(completion.path("choices").path(0) instanceof ObjectNode choice)
          || !(choice.path("message") instanceof ObjectNode message)) {
        throw new IOException("no completion");
      }
      calls.add(message.path("tool_calls"));
      message.remove("tool_calls");
      said.append(message.path("content").asText(""));
      finishReason = choice.path("finish_reason").asText(null);
      return completion;
    }

    private void answered(ObjectNode completion) {
      List<CallParts.Call> asked = calls.calls(round);
      List<CallParts.Call> own = asked.stream().filter(call -> talk.isOwn(call.name())).toList();
      if (asked.isEmpty()) {
        end(completion, List.of(), finishReason, null);
      } else if (!own.isEmpty()) {
        // The client answers these; what else the model wants it asks for again then.
        end(completion, own, "tool_calls", null);
      } else if (round > options.maxRounds()) {
        end(completion, List.of(), "length", "max_rounds");
      } else {
        talk.said(said.toString(), asked);
        call(asked);
      }
    }

    @Override
    public void failed(Fault fault, boolean begun) {
      ended = true;
      model = null;
      fail(fault);
    }
  }

  private void call(List<CallParts.Call> calls) {
    ToolRound running = new ToolRound(round, talk, tools, options, this::step);
    toolRound = running;
    running
        .run(calls, leftMs(), caller)
        .map(
            results -> {
              toolRound = null;
              if (!over) {
                for (int i = 0; i < calls.size(); i++) {
                  talk.answered(calls.get(i), results.get(i));
                }
                again();
              }
              return null;
            })
        .onFailure(cause -> fail(ToolRound.fault(cause)));
  }

  private void again() {
    if (leftMs() <= 0) {
      fail(
          Fault.of(
              Failure.DEADLINE,
              "not done within %d ms, tools included"
                  .formatted(Math.min(job.timeoutMs(), options.chatMs()))));
      return;
    }
    round++;
    if (round > options.maxRounds()) {
      talk.lastRound();
    } else {
      talk.anotherRound();
    }
    Job next = next(talk.body());
    quota
        .another(next)
        .map(
            metering -> {
              if (!over) {
                submit(next, metering);
              }
              return null;
            })
        .onFailure(cause -> fail(refused(cause)));
  }

  private static Fault refused(Throwable cause) {
    if (cause instanceof QuotaExceeded exceeded) {
      return Fault.of(
          Failure.RATE_LIMITED, exceeded.refusal().message(), exceeded.refusal().retryAfterMs());
    }
    return cause instanceof FaultException fault
        ? fault.fault()
        : Fault.of(Failure.INTERNAL, "The hub failed to admit the next round.");
  }

  private void end(
      ObjectNode completion, List<CallParts.Call> own, String finishReason, String stopped) {
    over = true;
    output.end(completion, own, finishReason, round, stopped);
  }
}
