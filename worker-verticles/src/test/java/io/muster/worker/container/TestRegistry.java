package io.muster.worker.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;

/**
 * A registry with one image, {@code little:1}, which is a shell. It gives half of the image's layer
 * and keeps the rest until it is told to go on.
 */
final class TestRegistry implements AutoCloseable {
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

  private final HttpServer server;
  private final Map<String, byte[]> blobs = new HashMap<>();
  private final byte[] manifest;
  private final String layer;
  private final CountDownLatch more = new CountDownLatch(1);

  TestRegistry(Path folder) throws Exception {
    Path root = Files.createDirectories(folder.resolve("image/bin")).getParent();
    Files.copy(busybox(), root.resolve("bin/sh"));
    root.resolve("bin/sh").toFile().setExecutable(true);
    // So that there is something to wait for: what compresses is over at once.
    byte[] noise = new byte[4 << 20];
    new java.util.Random(1).nextBytes(noise);
    Files.write(root.resolve("noise"), noise);
    Path tar = folder.resolve("layer.tar");
    Process made =
        new ProcessBuilder("tar", "-C", root.toString(), "-cf", tar.toString(), ".").start();
    assertThat(made.waitFor()).isZero();
    byte[] plain = Files.readAllBytes(tar);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    }
    layer = add(packed.toByteArray());
    String machine = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    byte[] config =
        new JsonObject()
            .put("architecture", machine)
            .put("os", "linux")
            .put("config", new JsonObject())
            .put(
                "rootfs",
                new JsonObject()
                    .put("type", "layers")
                    .put("diff_ids", new JsonArray().add(digest(plain))))
            .encode()
            .getBytes(UTF_8);
    manifest =
        new JsonObject()
            .put("schemaVersion", 2)
            .put("mediaType", MANIFEST)
            .put(
                "config",
                new JsonObject()
                    .put("mediaType", "application/vnd.docker.container.image.v1+json")
                    .put("size", config.length)
                    .put("digest", add(config)))
            .put(
                "layers",
                new JsonArray()
                    .add(
                        new JsonObject()
                            .put("mediaType", "application/vnd.docker.image.rootfs.diff.tar.gzip")
                            .put("size", blobs.get(layer).length)
                            .put("digest", layer)))
            .encode()
            .getBytes(UTF_8);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    server.start();
  }

  private static Path busybox() {
    for (String folder : System.getenv("PATH").split(":", -1)) {
      Path file = Path.of(folder, "busybox");
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new IllegalStateException("no busybox on the PATH");
  }

  /** The engine takes a registry on loopback without TLS. */
  String image() {
    return "127.0.0.1:" + server.getAddress().getPort() + "/little:1";
  }

  void goOn() {
    more.countDown();
  }

  @Override
  public void close() {
    goOn();
    server.stop(0);
  }

  private String add(byte[] blob) {
    String digest = digest(blob);
    blobs.put(digest, blob);
    return digest;
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/v2/")) {
        send(exchange, "application/json", "{}".getBytes(UTF_8));
      } else if (path.startsWith("/v2/little/manifests/")) {
        exchange.getResponseHeaders().add("Docker-Content-Digest", digest(manifest));
        send(exchange, MANIFEST, manifest);
      } else if (blobs.containsKey(path.substring(path.lastIndexOf('/') + 1))) {
        send(
            exchange,
            "application/octet-stream",
            blobs.get(path.substring(path.lastIndexOf('/') + 1)));
      } else {
        exchange.sendResponseHeaders(404, -1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void send(HttpExchange exchange, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    exchange.sendResponseHeaders(200, body.length);
    OutputStream out = exchange.getResponseBody();
    int half = body == blobs.get(layer) ? body.length / 2 : body.length;
    out.write(body, 0, half);
    out.flush();
    if (half < body.length) {
      try {
        more.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      out.write(body, half, body.length - half);
    }
  }
}
