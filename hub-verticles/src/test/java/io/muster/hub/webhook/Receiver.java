package io.muster.hub.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntUnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A webhook's receiver, of the JDK's own HTTP server. */
final class Receiver implements AutoCloseable {
  final List<Received> received = new CopyOnWriteArrayList<>();

  /** The status by the number of the request, 0 the first. */
  volatile IntUnaryOperator answer = number -> 204;

  private final HttpServer server;

  record Received(Map<String, List<String>> headers, String text) {
    String header(String name) {
      return headers.getOrDefault(name, List.of("")).get(0);
    }

    JsonObject body() {
      return new JsonObject(text);
    }

    /** As a receiver checks it that knows the secret. */
    boolean isSignedWith(String secret) {
      String[] parts = header("X-muster-signature").split(",");
      String time = parts[0].substring(2);
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] sum = mac.doFinal((time + "." + text).getBytes(StandardCharsets.UTF_8));
        return parts[1].equals("v1=" + HexFormat.of().formatHex(sum))
            && Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(time)) < 60;
      } catch (java.security.GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  Receiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/hook", this::take);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  private void take(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    int number = received.size();
    received.add(new Received(Map.copyOf(exchange.getRequestHeaders()), body));
    int status = answer.applyAsInt(number);
    if (status == 302) {
      exchange.getResponseHeaders().add("location", url());
    }
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
