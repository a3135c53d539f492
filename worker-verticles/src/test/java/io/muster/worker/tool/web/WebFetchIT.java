package io.muster.worker.tool.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.runtime.net.AllowedHosts;
import io.muster.worker.task.Tool;
import io.muster.worker.tool.TestRun;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of a small server on loopback, which only the owner's list lets it reach. */
class WebFetchIT {
  private static final WebOptions OPTIONS = new WebOptions(10_000, 100_000, 2_000, 3);

  private final Vertx vertx = Vertx.vertx();
  private final Web web = new Web(vertx, Web.options(), "test");
  private final WorkerExecutor executor = vertx.createSharedWorkerExecutor("test", 2);
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final AtomicBoolean left = new AtomicBoolean();
  private final AtomicInteger open = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void listen() {
    server =
        TestRun.await(
            vertx
                .createHttpServer()
                .connectionHandler(
                    connection -> {
                      open.incrementAndGet();
                      connection.closeHandler(v -> open.decrementAndGet());
                    })
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() {
    TestRun.await(vertx.close());
  }

  private void answer(HttpServerRequest request) {
    seen.add(request.path() + " " + request.getHeader("host"));
    var response = request.response().putHeader("content-type", "text/html; charset=utf-8");
    switch (request.path()) {
      case "/page" ->
          response.end(
              "<html><head><title> A page </title><script>evil()</script></head><body>"
                  + "<nav>menu</nav><h1>Title</h1><p>One <b>two</b>\n three.</p>"
                  + "<ul><li>first</li><li>second</li></ul><style>x{}</style>"
                  + "<table><tr><td>a</td><td>b</td></tr></table></body></html>");
      case "/latin" ->
          response
              .putHeader("content-type", "text/plain; charset=iso-8859-1")
              .end(Buffer.buffer(new byte[] {(byte) 0xe9}));
      case "/form" -> response.end("<form><p>All in a form.</p><input value=x></form>");
      case "/packed" -> response.putHeader("content-encoding", "gzip").end("no gzip");
      case "/emoji" -> response.end("x".repeat(1_999) + "😀");
      case "/pdf" -> response.putHeader("content-type", "application/pdf").end("%PDF");
      case "/big" -> response.end("<p>" + "word ".repeat(100_000));
      case "/slow", "/held" -> request.response().closeHandler(v -> left.set(true));
      case "/to" ->
          response.setStatusCode(302).putHeader("location", request.getParam("url")).end();
      case "/loop" -> response.setStatusCode(302).putHeader("location", "/loop").end();
      default -> response.setStatusCode(404).end("<p>nothing here</p>");
    }
  }

  private PublicPages pages(String... allowed) {
    return new PublicPages(
        web, executor, new AllowedHosts(List.of(allowed)), OPTIONS, System::nanoTime);
  }

  private Tool fetch(String... allowed) {
    return new WebFetch(pages(allowed), OPTIONS, executor);
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.actualPort() + path;
  }

  private static JsonObject args(String url) {
    return new JsonObject().put("url", url);
  }

  @Test
  void givesThePagesText() {
    JsonObject page = TestRun.of(fetch("127.0.0.1"), args(url("/page")));

    assertThat(page.getString("title")).isEqualTo("A page");
    assertThat(page.getString("text"))
        .isEqualTo("# Title\nOne two three.\n- first\n- second\na | b");
    assertThat(page.getInteger("status")).isEqualTo(200);
    assertThat(page.getBoolean("truncated")).isFalse();
  }

  @Test
  void readsTheCharactersThatTheServerSays() {
    assertThat(TestRun.of(fetch("127.0.0.1"), args(url("/latin"))).getString("text"))
        .isEqualTo("é");
  }

  @Test
  void givesErrorsOfTheServerAsTheyAre() {
    JsonObject page = TestRun.of(fetch("127.0.0.1"), args(url("/nowhere")));

    assertThat(page.getInteger("status")).isEqualTo(404);
    assertThat(page.getString("text")).isEqualTo("nothing here");
  }

  @Test
  void readsNoMoreThanItMay() {
    JsonObject page = TestRun.of(fetch("127.0.0.1"), args(url("/big")));

    assertThat(page.getString("text")).hasSize(2_000);
    assertThat(page.getBoolean("truncated")).isTrue();
  }

  @Test
  void refusesWhatHasNoText() {
    assertThat(TestRun.refusal(fetch("127.0.0.1"), args(url("/pdf"))).code())
        .isEqualTo("unreadable_type");
  }

  @Test
  void readsPagesThatAreAFormAndNoPackedOnes() {
    assertThat(TestRun.of(fetch("127.0.0.1"), args(url("/form"))).getString("text"))
        .isEqualTo("All in a form.");
    assertThat(TestRun.refusal(fetch("127.0.0.1"), args(url("/packed"))).code())
        .isEqualTo("unreadable_type");
  }

  @Test
  void cutsNoCharacterInHalf() {
    assertThat(TestRun.of(fetch("127.0.0.1"), args(url("/emoji"))).getString("text"))
        .isEqualTo("x".repeat(1_999));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/",
        "http://localhost/",
        "http://127.0.0.1:PORT/page",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://100.100.100.200/",
        "http://224.0.0.1/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/"
      })
  void refusesAddressesThatAreNotPublic(String url) {
    String there = url.replace("PORT", String.valueOf(server.actualPort()));

    assertThat(TestRun.refusal(fetch(), args(there)).code()).isEqualTo("address_refused");
    assertThat(seen).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://127.0.0.1:70/",
        "http:///nohost",
        "http://user:secret@example.com/",
        "http://example.com:0/",
        "http://exa mple.com/",
        "http://127.1/",
        "http://1.2.3/",
        "javascript:alert(1)"
      })
  void refusesWhatIsNoPage(String url) {
    assertThat(TestRun.refusal(fetch(), args(url)).code()).isEqualTo("invalid_arguments");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.2:PORT/page",
        "http://169.254.169.254/",
        "http://[::1]:PORT/page",
        "//127.0.0.3:PORT/page",
        "http://2130706434:PORT/page"
      })
  void refusesRedirectsToThem(String location) {
    String to = location.replace("PORT", String.valueOf(server.actualPort()));

    assertThat(TestRun.refusal(fetch("127.0.0.1"), args(url("/to?url=" + to))).code())
        .isEqualTo("address_refused");
    assertThat(seen).hasSize(1);
  }

  @Test
  void refusesARedirectToAnotherScheme() {
    assertThat(TestRun.refusal(fetch("127.0.0.1"), args(url("/to?url=file:///etc/passwd"))).code())
        .isEqualTo("invalid_arguments");
  }

  @Test
  void followsRedirectsUpToALimit() {
    JsonObject page = TestRun.of(fetch("127.0.0.1"), args(url("/to?url=/page")));
    assertThat(page.getString("url")).isEqualTo(url("/page"));

    assertThat(TestRun.refusal(fetch("127.0.0.1"), args(url("/loop"))).code())
        .isEqualTo("too_many_redirects");
    assertThat(seen).filteredOn(path -> path.startsWith("/loop")).hasSize(4);
  }

  @Test
  void connectsToTheAddressThatWasJudged() {
    // The name leads to this machine once, and elsewhere ever after: it is asked once.
    List<String> asked = new CopyOnWriteArrayList<>();
    PublicPages rebound =
        pages()
            .with(
                host -> {
                  asked.add(host);
                  return InetAddress.getByName(asked.size() == 1 ? "127.0.0.1" : "192.0.2.1");
                });
    String url = "http://rebinding.example:" + server.actualPort() + "/page";

    JsonObject page = TestRun.of(new WebFetch(rebound, OPTIONS, executor), args(url));

    assertThat(page.getString("title")).isEqualTo("A page");
    assertThat(asked).containsExactly("rebinding.example");
    assertThat(seen).containsExactly("/page rebinding.example:" + server.actualPort());
  }

  @Test
  void aSlowServerIsGivenUp() {
    WebOptions hasty = new WebOptions(300, 1_000, 1_000, 0);
    Tool tool =
        new WebFetch(
            new PublicPages(
                web, executor, new AllowedHosts(List.of("127.0.0.1")), hasty, System::nanoTime),
            hasty,
            executor);

    assertThat(TestRun.refusal(tool, args(url("/slow"))).code()).isEqualTo("timeout");
    await().untilTrue(left);
  }

  /** There are five connections to one server: a sixth one's comes when it is too late. */
  @Test
  void whatWasGivenUpBeforeItHadAConnectionNeverAsks() {
    WebOptions hasty = new WebOptions(300, 1_000, 1_000, 0);
    Tool tool =
        new WebFetch(
            new PublicPages(
                web, executor, new AllowedHosts(List.of("127.0.0.1")), hasty, System::nanoTime),
            hasty,
            executor);
    List<TestRun> holding = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      TestRun run = new TestRun(30_000);
      holding.add(run);
      var unused = fetch("127.0.0.1").run(args(url("/held")), run);
    }
    await().until(() -> seen.size() == holding.size());

    assertThat(TestRun.refusal(tool, args(url("/slow"))).code()).isEqualTo("timeout");
    holding.forEach(TestRun::cancel);

    assertThat(TestRun.of(fetch("127.0.0.1"), args(url("/page"))).getString("title"))
        .isEqualTo("A page");
    assertThat(seen).noneMatch(path -> path.startsWith("/slow"));
    await().until(() -> open.get() == 0);
  }

  @Test
  void cancellingClosesTheConnection() {
    TestRun run = new TestRun(30_000);
    var running = fetch("127.0.0.1").run(args(url("/held")), run);
    await().until(() -> !seen.isEmpty());

    run.cancel();

    await().untilTrue(left);
    await().until(running::isComplete);
    assertThat(running.failed()).isTrue();
  }

  @Test
  void argumentsAreHeldAgainstTheSchema() {
    Tool fetch = fetch();

    assertThat(TestRun.refusal(fetch, new JsonObject()).message()).contains("url");
    assertThat(
            TestRun.refusal(fetch, args("http://example.com").put("max_chars", "many")).message())
        .contains("'max_chars'");
    assertThat(TestRun.refusal(fetch, args("http://example.com").put("depth", 1)).message())
        .contains("depth");
  }
}
