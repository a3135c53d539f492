package io.muster.worker.tool.code;

import com.github.dockerjava.api.DockerClient;
import io.muster.worker.tool.TestRun;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** A registry on loopback, as engines ask one, that has one image of an engine's. */
final class SmallRegistry implements AutoCloseable {
  private static final String TYPES = "application/vnd.docker.";
  private static final String MANIFEST = TYPES + "distribution.manifest.v2+json";

  private final Map<String, Buffer> blobs = new HashMap<>();
  private final Buffer manifest;
  private final HttpServer server;

  /**
   * @param saved an empty folder
   */
  SmallRegistry(Vertx vertx, DockerClient engine, String image, Path saved) throws Exception {
    try (InputStream all = engine.saveImageCmd(image).exec()) {
      Process tar = new ProcessBuilder("tar", "-x", "-C", saved.toString()).start();
      try (OutputStream in = tar.getOutputStream()) {
        all.transferTo(in);
      }
      if (tar.waitFor() != 0) {
        throw new IllegalStateException("tar cannot read the image");
      }
    }
    JsonObject about = new JsonArray(read(saved, "manifest.json")).getJsonObject(0);
    JsonArray layers = new JsonArray();
    for (Object layer : about.getJsonArray("Layers")) {
      layers.add(blob(TYPES + "image.rootfs.diff.tar", read(saved, (String) layer)));
    }
    manifest =
        new JsonObject()
            .put("schemaVersion", 2)
            .put("mediaType", MANIFEST)
            .put(
                "config",
                blob(TYPES + "container.image.v1+json", read(saved, about.getString("Config"))))
            .put("layers", layers)
            .toBuffer();
    server =
        TestRun.await(vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"));
  }

  private static Buffer read(Path folder, String name) throws Exception {
    return Buffer.buffer(Files.readAllBytes(folder.resolve(name)));
  }

  private JsonObject blob(String type, Buffer content) throws Exception {
    String digest = digest(content);
    blobs.put(digest, content);
    return new JsonObject()
        .put("mediaType", type)
        .put("size", content.length())
        .put("digest", digest);
  }

  private static String digest(Buffer content) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(content.getBytes());
    return "sha256:" + HexFormat.of().formatHex(hash);
  }

  /** What it is called there. */
  String image(String name, String tag) {
    return "127.0.0.1:" + server.actualPort() + "/" + name + ":" + tag;
  }

  private void answer(HttpServerRequest request) {
    String path = request.path();
    Buffer blob = blobs.get(path.substring(path.lastIndexOf('/') + 1));
    if (path.equals("/v2/")) {
      request.response().end();
    } else if (path.contains("/manifests/")) {
      request.response().putHeader("content-type", MANIFEST).end(manifest);
    } else if (blob != null) {
      request.response().putHeader("content-type", "application/octet-stream").end(blob);
    } else {
      request.response().setStatusCode(404).end();
    }
  }

  @Override
  public void close() {
    TestRun.await(server.close());
  }
}
