package io.muster.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A hub over HTTP, asked one thing after the other. */
final class HubClient {
  static final ObjectMapper JSON = new ObjectMapper();

  private final String url;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private String key;

  HubClient(String url) {
    this.url = url;
  }

  String url() {
    return url;
  }

  int port() {
    return URI.create(url).getPort();
  }

  /** From now on this API key is presented. */
  void key(String apiKey) {
    key = apiKey;
  }

  boolean isReady() {
    try {
      return get("/health/ready").statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** A worker's status, empty when the hub does not know it or cannot be asked. */
  String status(String id) {
    try {
      HttpResponse<String> response = get("/api/workers/" + id);
      return response.statusCode() == 200 ? parse(response.body()).path("status").asText("") : "";
    } catch (UncheckedIOException e) {
      return "";
    }
  }

  HttpResponse<String> get(String path) {
    return send(request(path).GET().build());
  }

  JsonNode getJson(String path) {
    HttpResponse<String> response = get(path);
    if (response.statusCode() != 200) {
      throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
    }
    return parse(response.body());
  }

  HttpResponse<String> post(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + json, e);
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(60));
    return key == null ? request : request.header("Authorization", "Bearer " + key);
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
