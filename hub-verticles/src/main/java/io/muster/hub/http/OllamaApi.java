package io.muster.hub.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobHandle;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Ollama's interface: its chat, and what its clients ask about models. */
final class OllamaApi {
  private static final CharSequence NDJSON = HttpHeaders.createOptimized("application/x-ndjson");
  private static final String LATEST = ":latest";

  private final Jobs jobs;
  private final ModelCatalogue catalogue;
  private final Admission admission;
  private final Dispatch dispatch;
  private final Streams streams;
  private final OllamaJson json;
  private final String version;

  OllamaApi(
      Jobs jobs,
      ModelCatalogue catalogue,
      Admission admission,
      Dispatch dispatch,
      Streams streams,
      OllamaJson json,
      String version) {
    this.jobs = jobs;
    this.catalogue = catalogue;
    this.admission = admission;
    this.dispatch = dispatch;
    this.streams = streams;
    this.json = json;
    this.version = version;
  }

  /** POST /api/chat with {@code messages}. */
  Future<Void> chat(Exchange exchange, ObjectNode body) {
    String named = NativeRequest.text(body, "model");
    String model = jobs.model(named == null ? null : known(named));
    boolean stream = NativeRequest.flag(body, "stream", true);
    if (body.get("messages").isArray() && body.get("messages").isEmpty()) {
      // Ollama's way to have a model loaded, of which there is nothing to do here.
      exchange.answer(Buffer.buffer(json.loaded(named == null ? model : named)));
      return Future.succeededFuture();
    }
    ObjectNode openAi = OllamaRequest.toOpenAi(body, model, stream);
    Job job = jobs.chat(exchange, model, stream, affinity(openAi), HttpJson.bytes(openAi));
    return admission
        .admit(exchange.caller(), job)
        .map(
            permit -> {
              exchange.permit(permit);
              begin(exchange, job, named == null ? model : named, permit);
              return null;
            });
  }

  /** Of the messages up to the first of the user: they stay while the conversation goes on. */
  private static String affinity(ObjectNode openAi) {
    List<JsonNode> beginning = new ArrayList<>();
    for (JsonNode message : openAi.path("messages")) {
      beginning.add(message);
      if (message.path("role").asText().equals("user")) {
        break;
      }
    }
    byte[] bytes = HttpJson.bytes(beginning);
    return Affinity.prompt(bytes, 0, bytes.length);
  }

  private void begin(Exchange exchange, Job job, String named, Permit permit) {
    if (exchange.over()) {
      return;
    }
    OllamaWriter writer = new OllamaWriter(exchange, json, named);
    if (job.stream()) {
      ClientStream stream = new ClientStream(exchange, streams, NDJSON, null);
      stream.follow(dispatch.submit(job, permit.metering(writer.streaming(stream))));
    } else {
      JobHandle handle = dispatch.submit(job, permit.metering(writer));
      exchange.whenGone(() -> handle.cancel("the client went away"));
    }
  }

  /** GET /api/tags. */
  void tags(RoutingContext ctx) {
    Exchange.of(ctx).answer(Buffer.buffer(json.tags(catalogue.models())));
  }

  /** The answer of POST /api/show. */
  Buffer show(ObjectNode body) {
    String named = NativeRequest.text(body, "model");
    String name = known(named == null ? NativeRequest.text(body, "name") : named);
    for (ModelInfo model : catalogue.models()) {
      if (model.id().equals(name)) {
        return Buffer.buffer(json.show(model));
      }
    }
    throw (name == null
            ? ApiError.invalid("model", "'model' is missing: a string.")
            : ApiError.modelNotFound(name))
        .asException();
  }

  /** GET /api/version. */
  void version(RoutingContext ctx) {
    Exchange.of(ctx).answer(Buffer.buffer(HttpJson.bytes(Map.of("version", version))));
  }

  /** Ollama's clients may leave out {@code :latest}, or add it. */
  private String known(String named) {
    if (named == null || catalogue.knows(named)) {
      return named;
    }
    String other =
        named.endsWith(LATEST)
            ? named.substring(0, named.length() - LATEST.length())
            : named + LATEST;
    return catalogue.knows(other) ? other : named;
  }
}
