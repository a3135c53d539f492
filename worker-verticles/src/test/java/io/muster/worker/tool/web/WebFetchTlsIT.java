package io.muster.worker.tool.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.runtime.net.AllowedHosts;
import io.muster.task.TaskError;
import io.muster.worker.task.Tool;
import io.muster.worker.tool.TestRun;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pages over TLS: the connection goes to the address that was judged, the certificate has to be the
 * name's all the same.
 */
class WebFetchTlsIT {
  private static final WebOptions OPTIONS = new WebOptions(10_000, 100_000, 2_000, 3);
  @TempDir private static Path keys;

  private final Vertx vertx = Vertx.vertx();
  private final WorkerExecutor executor = vertx.createSharedWorkerExecutor("test", 2);
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeAll
  static void certify() throws Exception {
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout ca.key -out ca.pem");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=pages -keyout pages.key -out pages.csr");
    Files.writeString(keys.resolve("names"), "subjectAltName=DNS:pages.example");
    openssl(
        "x509 -req -days 2 -in pages.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names"
            + " -out pages.pem");
  }

  private static void openssl(String arguments) throws Exception {
    Process process =
        new ProcessBuilder(("openssl " + arguments).split(" "))
            .directory(keys.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @BeforeEach
  void listen() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setSsl(true)
            .setSni(true)
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .setKeyPath(keys.resolve("pages.key").toString())
                    .setCertPath(keys.resolve("pages.pem").toString()));
    server =
        TestRun.await(
            vertx
                .createHttpServer(options)
                .requestHandler(
                    request -> {
                      asked.add(
                          request.connection().indicatedServerName()
                              + " "
                              + request.getHeader("host"));
                      request.response().putHeader("content-type", "text/plain").end("a page");
                    })
                .listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() {
    TestRun.await(vertx.close());
  }

  /** Every name leads to this machine, and none is known to it otherwise. */
  private Tool fetch(boolean trustsTheCa) {
    var options = Web.options();
    if (trustsTheCa) {
      options.setTrustOptions(new PemTrustOptions().addCertPath(keys.resolve("ca.pem").toString()));
    }
    PublicPages pages =
        new PublicPages(
                new Web(vertx, options, "test"),
                executor,
                new AllowedHosts(List.of()),
                OPTIONS,
                System::nanoTime)
            .with(host -> InetAddress.getByName("127.0.0.1"));
    return new WebFetch(pages, OPTIONS, executor);
  }

  private JsonObject url(String host) {
    return new JsonObject().put("url", "https://" + host + ":" + server.actualPort() + "/");
  }

  @Test
  void readsAPageWhoseCertificateIsTheNames() {
    assertThat(TestRun.of(fetch(true), url("pages.example")).getString("text")).isEqualTo("a page");

    assertThat(asked).containsExactly("pages.example pages.example:" + server.actualPort());
  }

  @Test
  void refusesTheCertificateOfAnotherName() {
    for (String host : List.of("other.example", "127.0.0.1")) {
      TaskError refused = TestRun.refusal(fetch(true), url(host));

      assertThat(refused.code()).isEqualTo("fetch_failed");
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void refusesACertificateThatNobodyTrusts() {
    assertThat(TestRun.refusal(fetch(false), url("pages.example")).code())
        .isEqualTo("fetch_failed");
    assertThat(asked).isEmpty();
  }
}
