package io.muster.hub.container;

import io.muster.container.ContainerBody;
import io.muster.container.ContainerSpec;
import io.muster.container.ContainerSpec.ModelServer;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.JsonBody;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a model server is made from: the body of a request, over one of the templates that are
 * usual. {@code ${model}} stands for the model's name in commands and variables.
 */
final class ServerTemplates {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
  private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@+-]{0,199}");
  private static final String MODEL_WORD = "${model}";
  private static final long USUAL_START_S = 600;

  /** Providers' names, which would be taken for these. */
  private static final Set<String> TAKEN = Set.of("openai", "anthropic", "ollama", "demo");

  private static final List<String> OWN =
      List.of("name", "template", "model", "models", "port", "health_path", "start_timeout_s");

  /**
   * Fetches the model where nobody asks for its health, and listens when it is there. A model's
   * name has no letter that means something to a shell.
   */
  private static final String OLLAMA =
      "export OLLAMA_HOST=127.0.0.1:11435; ollama serve &"
          + " until ollama list >/dev/null 2>&1; do kill -0 $! || exit 1; sleep 1; done;"
          + " ollama show ${model} >/dev/null 2>&1 || ollama pull ${model} || exit 1;"
          + " kill $!; wait; export OLLAMA_HOST=0.0.0.0:11434; exec ollama serve";

  private static final Map<String, JsonObject> TEMPLATES = new LinkedHashMap<>();

  static {
    TEMPLATES.put(
        "vllm",
        new JsonObject()
            .put("image", "vllm/vllm-openai:latest")
            .put(
                "command",
                texts("--model", MODEL_WORD, "--served-model-name", MODEL_WORD, "--port", "8000"))
            .put("port", 8000)
            .put("health_path", "/health")
            .put("gpus", 1)
            .put("shm_size", "4g")
            .put("mounts", volume("huggingface", "/root/.cache/huggingface"))
            .put("start_timeout_s", 1_800));
    TEMPLATES.put(
        "ollama",
        new JsonObject()
            .put("image", "ollama/ollama:latest")
            .put("entrypoint", texts("/bin/sh", "-c"))
            .put("command", texts(OLLAMA))
            .put("port", 11_434)
            .put("health_path", "/api/version")
            .put("gpus", 1)
            .put("mounts", volume("ollama", "/root/.ollama"))
            .put("start_timeout_s", 1_800));
    TEMPLATES.put(
        "llama-server",
        new JsonObject()
            .put("image", "ghcr.io/ggml-org/llama.cpp:server")
            .put(
                "command",
                texts(
                    "-hf",
                    MODEL_WORD,
                    "--alias",
                    MODEL_WORD,
                    "--host",
                    "0.0.0.0",
                    "--port",
                    "8080"))
            .put("port", 8080)
            .put("health_path", "/health")
            // Below it llama.cpp keeps what it fetches: in llama.cpp, since 2026 in
            // huggingface/hub.
            .put("mounts", volume("llama", "/root/.cache"))
            .put("start_timeout_s", 1_800));
  }

  private ServerTemplates() {}

  /** All templates, as they are filled in. */
  static JsonObject all() {
    JsonObject all = new JsonObject();
    TEMPLATES.forEach((name, template) -> all.put(name, template.copy()));
    return all;
  }

  /**
   * The container that a request asks for.
   *
   * @throws RuntimeException a 400 that names the field
   */
  static ContainerSpec read(JsonBody body) {
    String name = body.string("name");
    if (!NAME.matcher(name).matches() || TAKEN.contains(name)) {
      throw ApiErrors.invalid(
          "name",
          "'name' has to be 1 to 40 small letters, digits or '-', and none of "
              + String.join(", ", TAKEN.stream().sorted().toList())
              + ".");
    }
    JsonObject whole = template(body);
    if (body.has("gpu_ids")) {
      whole.remove("gpus");
    }
    whole.mergeIn(body.toJson());
    String model = body.optionalString("model").orElse(null);
    List<String> models = new ArrayList<>(body.strings("models"));
    if (model != null) {
      if (!MODEL.matcher(model).matches()) {
        throw ApiErrors.invalid("model", "'model' has to be a model's name, such as org/name:tag.");
      }
      if (models.isEmpty() && !body.has("models")) {
        models.add(model);
      }
    }
    fill(whole, "command", model);
    fill(whole, "entrypoint", model);
    fill(whole, "env_vars", model);
    JsonBody read = JsonBody.of(whole);
    int port = (int) read.integer("port", 1, 65_535, 0);
    if (port == 0) {
      throw ApiErrors.invalid("port", "'port' is missing: the container's port that it serves at.");
    }
    String health = read.optionalString("health_path").orElse("/health");
    if (!health.startsWith("/") || health.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw ApiErrors.invalid("health_path", "'health_path' has to be a path such as /health.");
    }
    long startMs = read.integer("start_timeout_s", 1, 86_400, USUAL_START_S) * 1_000;
    if (whole.containsKey("port_mappings") || whole.containsKey("claim_id")) {
      throw ApiErrors.invalid(
          "port_mappings", "'port_mappings' and 'claim_id' are the hub's here: leave them out.");
    }
    if (!whole.containsKey("restart")) {
      whole.put("restart", "always");
    }
    whole.put("port_mappings", new JsonArray().add(new JsonObject().put("container_port", port)));
    OWN.forEach(whole::remove);
    return ContainerBody.read(
        whole, "", "ms-" + name, new ModelServer(name, port, health, models, startMs));
  }

  private static JsonObject template(JsonBody body) {
    String name = body.optionalString("template").orElse(null);
    if (name == null) {
      return new JsonObject();
    }
    JsonObject template = TEMPLATES.get(name);
    if (template == null) {
      throw ApiErrors.invalid(
          "template",
          "'template' has to be one of "
              + String.join(", ", TEMPLATES.keySet())
              + ", or be left out.");
    }
    return template.copy();
  }

  private static void fill(JsonObject whole, String field, String model) {
    if (!(whole.getValue(field) instanceof JsonArray texts)) {
      return;
    }
    JsonArray filled = new JsonArray();
    for (Object each : texts) {
      if (each instanceof String text && text.contains(MODEL_WORD)) {
        if (model == null) {
          throw ApiErrors.invalid(
              "model", "'model' is missing: '" + field + "' has ${model} in it.");
        }
        filled.add(text.replace(MODEL_WORD, model));
      } else {
        filled.add(each);
      }
    }
    whole.put(field, filled);
  }

  private static JsonArray texts(String... texts) {
    return new JsonArray(List.of(texts));
  }

  private static JsonArray volume(String name, String target) {
    return new JsonArray().add(new JsonObject().put("source", name).put("target", target));
  }
}
